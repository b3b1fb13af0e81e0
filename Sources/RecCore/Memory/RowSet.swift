// A set of rows as bits: what may be shown, decided once and asked many times.

/// Some of the rows `0..<count`. Sets over fewer rows may be combined with sets over more: what a set does not reach is not in it.
public struct RowSet: Sendable, Hashable {
    /// How many rows there are, in the set or not.
    public let count: Int
    private var words: [UInt64]

    /// No row, or all of them.
    public init(count: Int, all isFull: Bool = false) {
        precondition(count >= 0, "\(count) rows")
        self.count = count
        words = Array(repeating: isFull ? ~0 : 0, count: (count + 63) / 64)
        if isFull { trim() }
    }

    /// Those rows for which `isMember` holds.
    public init(count: Int, where isMember: (Int) -> Bool) {
        self.init(count: count)
        for word in words.indices {
            var bits: UInt64 = 0
            for bit in 0..<min(64, count - word * 64) where isMember(word * 64 + bit) { bits |= 1 << UInt64(bit) }
            words[word] = bits
        }
    }

    /// Bits behind the last row stay zero, so that counting needs no mask.
    private mutating func trim() {
        let rest = count % 64
        if rest > 0, let last = words.indices.last { words[last] &= (1 << UInt64(rest)) - 1 }
    }

    /// Whether a row is in the set; one outside 0 up to `count` is not. - Complexity: O(1).
    @inline(__always)
    public func contains(_ row: Int) -> Bool {
        row >= 0 && row < count && words[row >> 6] & (1 << UInt64(row & 63)) != 0
    }

    /// How many rows are in the set. - Complexity: O(count / 64).
    public var memberCount: Int { words.reduce(0) { $0 + $1.nonzeroBitCount } }

    /// Adds a row.
    /// - Precondition: 0 <= row < count.
    public mutating func insert(_ row: Int) {
        precondition(row >= 0 && row < count, "row \(row) of \(count)")
        words[row >> 6] |= 1 << UInt64(row & 63)
    }

    /// A row outside the range changes nothing.
    public mutating func remove(_ row: Int) {
        guard row >= 0, row < count else { return }
        words[row >> 6] &= ~(1 << UInt64(row & 63))
    }

    /// Keeps what is in `other` too.
    public mutating func formIntersection(_ other: RowSet) {
        for word in words.indices { words[word] &= word < other.words.count ? other.words[word] : 0 }
    }

    /// Takes in what is in `other`, as far as this set's rows go.
    public mutating func formUnion(_ other: RowSet) {
        for word in words.indices where word < other.words.count { words[word] |= other.words[word] }
        trim()
    }

    /// The rows that are not in the set.
    public var inverted: RowSet {
        var result = self
        for word in words.indices { result.words[word] = ~words[word] }
        result.trim()
        return result
    }

    /// The same rows among more. - Complexity: O(count / 64).
    public func growing(to count: Int) -> RowSet {
        precondition(count >= self.count, "\(count) rows after \(self.count)")
        var result = RowSet(count: count)
        result.formUnion(self)
        return result
    }

    /// The rows in the set, in order.
    public var rows: [Int] {
        var rows: [Int] = []
        for (word, bits) in words.enumerated() {
            var rest = bits
            while rest != 0 {
                rows.append(word * 64 + rest.trailingZeroBitCount)
                rest &= rest - 1
            }
        }
        return rows
    }
}
