// Names to row numbers and back, in three flat columns that a file can hold as they are.

/// An immutable two-way table between texts and rows 0..<count, with lookup in O(length of the text).
///
/// `offsets` and `bytes` hold the UTF-8 texts one behind the other; `slots` is an open-addressed hash table of rows
/// (-1 = free), a power of two long, filled at most to a half, probed linearly from FNV-1a of the bytes.
public struct IDMap: Sendable {
    let offsets: Column<Int64>
    let bytes: Column<UInt8>
    let slots: Column<Int32>

    /// How many names there are; rows are 0 up to this.
    public var count: Int { offsets.count - 1 }

    /// - Parameter names: distinct texts, in the order of their rows.
    public init(_ names: [String]) {
        var offsets = [Int64]()
        var bytes = [UInt8]()
        offsets.reserveCapacity(names.count + 1)
        offsets.append(0)
        for name in names {
            bytes.append(contentsOf: name.utf8)
            offsets.append(Int64(bytes.count))
        }
        var slots = [Int32](repeating: -1, count: Self.slotCount(of: names.count))
        for row in names.indices { Self.insert(row, hash: Self.hash(names[row].utf8), into: &slots) }
        (self.offsets, self.bytes, self.slots) = (Column(offsets), Column(bytes), Column(slots))
    }

    /// The least power of two of which `count` rows fill at most a half.
    private static func slotCount(of count: Int) -> Int {
        var size = 2
        while size < count * 2 { size *= 2 }
        return size
    }

    private static func insert(_ row: Int, hash: UInt64, into slots: inout [Int32]) {
        let mask = slots.count - 1
        var slot = Int(truncatingIfNeeded: hash) & mask
        while slots[slot] >= 0 { slot = (slot + 1) & mask }
        slots[slot] = Int32(row)
    }

    private init(joined offsets: Column<Int64>, _ bytes: Column<UInt8>, _ slots: Column<Int32>) {
        (self.offsets, self.bytes, self.slots) = (offsets, bytes, slots)
    }

    /// The same table with more rows behind the old ones.
    /// - Parameter names: distinct texts that the table does not hold.
    /// - Complexity: O(bytes of all names) copied; hashed again only when the table of slots doubles.
    func appending(_ names: [String]) -> IDMap {
        guard !names.isEmpty else { return self }
        let added = IDMap(names)
        let end = offsets[count]
        let offsets = Column(joining: [self.offsets[...], Column(added.offsets.dropFirst().map { $0 + end })[...]])
        let bytes = Column(joining: [self.bytes[...], added.bytes[...]])
        let rows = count + names.count
        var slots: [Int32]
        if rows * 2 <= self.slots.count {
            slots = Array(self.slots)
        } else {
            slots = [Int32](repeating: -1, count: Self.slotCount(of: rows))
            self.bytes.withUnsafeBufferPointer { all in
                for row in 0..<count {
                    let name = all[Int(self.offsets[row])..<Int(self.offsets[row + 1])]
                    Self.insert(row, hash: Self.hash(name), into: &slots)
                }
            }
        }
        for (place, name) in names.enumerated() {
            Self.insert(count + place, hash: Self.hash(name.utf8), into: &slots)
        }
        return IDMap(joined: offsets, bytes, Column(slots))
    }

    /// From stored columns; `nil` when they do not fit together (so that no lookup can leave them).
    init?(offsets: Column<Int64>, bytes: Column<UInt8>, slots: Column<Int32>) {
        guard let first = offsets.first, let last = offsets.last, first == 0, last == Int64(bytes.count),
            zip(offsets, offsets.dropFirst()).allSatisfy({ $0 <= $1 }),
            slots.count >= 2, slots.count & (slots.count - 1) == 0
        else { return nil }
        let rows = offsets.count - 1
        guard slots.allSatisfy({ $0 >= -1 && Int($0) < rows }), slots.contains(-1),
            slots.reduce(0, { $0 + ($1 >= 0 ? 1 : 0) }) == rows
        else { return nil }
        (self.offsets, self.bytes, self.slots) = (offsets, bytes, slots)
    }

    /// The row of a name, or `nil` when it is not in the table.
    public func row(of name: String) -> Int? {
        var name = name
        return name.withUTF8 { wanted in
            let mask = slots.count - 1
            var slot = Int(truncatingIfNeeded: Self.hash(wanted)) & mask
            while true {
                let row = Int(slots[slot])
                guard row >= 0 else { return nil }
                let start = Int(offsets[row])
                let end = Int(offsets[row + 1])
                if end - start == wanted.count, bytes[start..<end].elementsEqual(wanted) { return row }
                slot = (slot + 1) & mask
            }
        }
    }

    /// The name of a row.
    public func name(of row: Int) -> String {
        String(decoding: bytes[Int(offsets[row])..<Int(offsets[row + 1])], as: UTF8.self)
    }

    /// ``FNV1a``, with the high half folded in so that a mask sees all of it.
    static func hash(_ bytes: some Sequence<UInt8>) -> UInt64 {
        let hash = FNV1a.hash(bytes)
        return hash ^ (hash >> 32)
    }
}
