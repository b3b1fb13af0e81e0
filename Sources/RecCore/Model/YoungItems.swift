// Items that have to be shown to be judged.

/// Items that hardly anybody took yet, and that had little time to be taken: ``isYoung(_:in:)``.
public struct YoungItems: Sendable {
    /// Events up to which an item may be young.
    public static let events: Float = 4
    /// ``InteractionHistory/itemExposure`` up to which an item with events may be young. An older one was seen, and passed over.
    public static let exposure: Float = 0.2

    private let set: RowSet
    private let rows: [Int32]

    /// Those that may be shown. - Complexity: O(items).
    public init(_ history: InteractionHistory, where isOpen: (Int) -> Bool) {
        set = RowSet(count: history.items.count) { Self.isYoung($0, in: history) && isOpen($0) }
        rows = set.rows.map { Int32($0) }
    }

    /// Whether a row has at most ``events`` events, all of them in the last fifth of the history (``exposure``). An item without events
    /// is young: what its catalogue tells of it has not been tried.
    public static func isYoung(_ row: Int, in history: InteractionHistory) -> Bool {
        history.itemEvents[row] <= events && history.itemExposure[row] <= exposure
    }

    /// Whether a row is young and may be shown. - Complexity: O(1).
    public func contains(_ row: Int) -> Bool { set.contains(row) }

    /// Up to eight rows by chance, those that `isWanted` admits: items that nobody's taste leads to come to be seen as well.
    /// - Complexity: at most 32 draws, whatever the catalogue.
    public func some(seed: UInt64, where isWanted: (Int) -> Bool) -> [Int] {
        guard !rows.isEmpty else { return [] }
        var generator = SplitMix64(seed: seed ^ 0x796f_756e_67)
        var found: [Int] = []
        for _ in 0..<32 where found.count < 8 {
            let row = Int(rows[Int(generator.next() % UInt64(rows.count))])
            if !found.contains(row), isWanted(row) { found.append(row) }
        }
        return found
    }
}
