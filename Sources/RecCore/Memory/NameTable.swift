// Names to numbers and back while a history grows: one arena of bytes instead of a million strings.

/// A growing two-way table between names and numbers from 0, in the order of adding.
///
/// Open addressing with linear probing, at most half full. Memory: the bytes of the names and about 20 bytes for each.
package struct NameTable: Sendable {
    private var bytes: [UInt8] = []
    private var ends: [Int] = []
    /// Number of a name; -1 = free.
    private var slots = [Int32](repeating: -1, count: 16)

    package init() {}

    package var count: Int { ends.count }

    private func range(of number: Int) -> Range<Int> { (number == 0 ? 0 : ends[number - 1])..<ends[number] }

    package func name(_ number: Int) -> String { String(decoding: bytes[range(of: number)], as: UTF8.self) }

    /// The number of a name, which is added when it is new. - Complexity: O(bytes of the name), amortised.
    package mutating func number(of name: String) -> Int {
        var name = name
        return name.withUTF8 { number(of: UnsafeRawBufferPointer($0)) }
    }

    private mutating func number(of name: UnsafeRawBufferPointer) -> Int {
        if (count + 1) * 2 > slots.count { grow() }
        let mask = slots.count - 1
        var slot = Self.hash(name) & mask
        while slots[slot] >= 0 {
            if isEqual(Int(slots[slot]), name) { return Int(slots[slot]) }
            slot = (slot + 1) & mask
        }
        slots[slot] = Int32(count)
        bytes.append(contentsOf: name)
        ends.append(bytes.count)
        return count - 1
    }

    private func isEqual(_ number: Int, _ name: UnsafeRawBufferPointer) -> Bool {
        let range = range(of: number)
        guard range.count == name.count else { return false }
        return bytes.withUnsafeBytes { all in
            var place = 0
            while place + 8 <= name.count {
                let mine = all.loadUnaligned(fromByteOffset: range.lowerBound + place, as: UInt64.self)
                if mine != name.loadUnaligned(fromByteOffset: place, as: UInt64.self) { return false }
                place += 8
            }
            while place < name.count {
                if all[range.lowerBound + place] != name[place] { return false }
                place += 1
            }
            return true
        }
    }

    /// The number of a name that is there.
    package func find(_ name: String) -> Int? {
        var name = name
        return name.withUTF8 { name in
            let name = UnsafeRawBufferPointer(name)
            let mask = slots.count - 1
            var slot = Self.hash(name) & mask
            while slots[slot] >= 0 {
                if isEqual(Int(slots[slot]), name) { return Int(slots[slot]) }
                slot = (slot + 1) & mask
            }
            return nil
        }
    }

    var names: [String] { (0..<count).map(name) }

    /// Forgets the names added last. - Complexity: O(names forgotten).
    package mutating func truncate(to count: Int) {
        let mask = slots.count - 1
        while self.count > count {
            // The last name added is the last of its chain of probes: nothing was put behind it.
            let number = self.count - 1
            var slot =
                bytes.withUnsafeBytes { Self.hash(UnsafeRawBufferPointer(rebasing: $0[range(of: number)])) } & mask
            while slots[slot] != Int32(number) { slot = (slot + 1) & mask }
            slots[slot] = -1
            let start = range(of: number).lowerBound
            bytes.removeSubrange(start...)
            ends.removeLast()
        }
    }

    private mutating func grow() {
        slots = [Int32](repeating: -1, count: slots.count * 2)
        let mask = slots.count - 1
        bytes.withUnsafeBytes { all in
            for number in ends.indices {
                var slot = Self.hash(UnsafeRawBufferPointer(rebasing: all[range(of: number)])) & mask
                while slots[slot] >= 0 { slot = (slot + 1) & mask }
                slots[slot] = Int32(number)
            }
        }
    }

    /// Multiply and fold, eight bytes at a time (the multiplier is that of splitmix64). Lives in memory only.
    private static func hash(_ name: UnsafeRawBufferPointer) -> Int {
        var hash = UInt64(truncatingIfNeeded: name.count)
        var place = 0
        func mix(_ word: UInt64) {
            hash = (hash ^ word) &* 0xbf58_476d_1ce4_e5b9
            hash ^= hash >> 29
        }
        while place + 8 <= name.count {
            mix(name.loadUnaligned(fromByteOffset: place, as: UInt64.self))
            place += 8
        }
        var rest: UInt64 = 0
        while place < name.count {
            rest = rest << 8 | UInt64(name[place])
            place += 1
        }
        mix(rest)
        return Int(truncatingIfNeeded: hash ^ (hash >> 32)) & Int.max
    }

    // MARK: - As stored

    /// The names from `first` on: for each its length in one byte, then its bytes. Names have at most 255 bytes.
    package func packed(from first: Int) -> [UInt8] {
        var result: [UInt8] = []
        for number in first..<max(first, count) {
            let range = range(of: number)
            result.append(UInt8(range.count))
            result += bytes[range]
        }
        return result
    }

    /// Adds packed names. - Returns: false when the bytes are not what `packed` writes, or hold a name that is there already.
    package mutating func add(packed: [UInt8]) -> Bool {
        packed.withUnsafeBytes { packed in
            var place = 0
            while place < packed.count {
                let end = place + 1 + Int(packed[place])
                guard end <= packed.count else { return false }
                let before = count
                guard number(of: UnsafeRawBufferPointer(rebasing: packed[(place + 1)..<end])) == before else {
                    return false
                }
                place = end
            }
            return true
        }
    }

    /// Texts as ``packed(from:)`` writes names.
    package static func packed(_ names: [String]) -> [UInt8] {
        var result: [UInt8] = []
        for name in names {
            result.append(UInt8(name.utf8.count))
            result += name.utf8
        }
        return result
    }

    /// Packed names as texts; `nil` when the bytes are not what `packed` writes, valid UTF-8 included.
    package static func names(packed: [UInt8]) -> [String]? {
        var names: [String] = []
        var place = 0
        while place < packed.count {
            let end = place + 1 + Int(packed[place])
            guard end <= packed.count else { return nil }
            // A repaired text would be another name, and may be longer than a name can be.
            guard let name = String(validating: packed[(place + 1)..<end], as: UTF8.self) else { return nil }
            names.append(name)
            place = end
        }
        return names
    }
}
