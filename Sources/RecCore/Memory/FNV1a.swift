// A hash for tables and for names of contents that nobody chooses with intent.

/// FNV-1a with 64 bits (Fowler, Noll and Vo; draft-eastlake-fnv, section 2).
package struct FNV1a {
    private(set) var value: UInt64 = 0xcbf2_9ce4_8422_2325

    @inline(__always)
    mutating func add(_ bytes: some Sequence<UInt8>) {
        for byte in bytes { value = (value ^ UInt64(byte)) &* 0x100_0000_01b3 }
    }

    /// A number as one step: for columns of numbers, where eight steps would be slow.
    @inline(__always)
    mutating func add(_ number: UInt64) {
        value = (value ^ number) &* 0x100_0000_01b3
        value ^= value >> 29
    }

    /// - Complexity: O(bytes), one multiplication each.
    @inline(__always)
    package static func hash(_ bytes: some Sequence<UInt8>) -> UInt64 {
        var hash = FNV1a()
        hash.add(bytes)
        return hash.value
    }
}
