// A hash for tables and for names of contents that nobody chooses with intent.

/// FNV-1a with 64 bits (Fowler, Noll and Vo; draft-eastlake-fnv, section 2).
package enum FNV1a {
    /// - Complexity: O(bytes), one multiplication each.
    @inline(__always)
    package static func hash(_ bytes: some Sequence<UInt8>) -> UInt64 {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        return hash
    }
}
