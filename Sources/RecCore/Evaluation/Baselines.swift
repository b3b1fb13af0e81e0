// What a model must beat: lists that need no model.

/// The honest baselines on a training history.
public struct Baselines: Sendable {
    public enum Name: String, Sendable, CaseIterable {
        case popularAllTime = "popular, all time"
        case popularLastWeek = "popular, last week"
        case ownHistory = "own history, then popular last week"
    }

    private let history: InteractionHistory
    private let allTime: [Int32]
    private let lastWeek: [Int32]

    /// - Parameter weekCounts: events of each item in the last seven days of the training events.
    public init(_ history: InteractionHistory, weekCounts: [Float]) {
        func ordered(_ counts: some RandomAccessCollection<Float>) -> [Int32] {
            counts.enumerated().filter { $0.element > 0 }
                .sorted { $0.element != $1.element ? $0.element > $1.element : $0.offset < $1.offset }
                .map { Int32($0.offset) }
        }
        self.history = history
        allTime = ordered(history.itemEvents)
        lastWeek = ordered(weekCounts)
    }

    /// - Parameter withPast: false where nothing is taken twice: then the user's past is left out.
    public func list(_ name: Name, for user: Int, count: Int, withPast: Bool) -> [Int32] {
        let past = history.past(of: user)
        var result: [Int32] = []
        var taken: Set<Int32> = withPast ? [] : Set(past.map(\.item))
        func fill(_ items: [Int32]) {
            for item in items {
                if result.count == count { return }
                if taken.insert(item).inserted { result.append(item) }
            }
        }
        switch name {
        case .popularAllTime: break
        case .popularLastWeek: fill(lastWeek)
        case .ownHistory:
            fill(past.sorted { ($0.lastMinutes, $0.count, $1.item) > ($1.lastMinutes, $1.count, $0.item) }.map(\.item))
            fill(lastWeek)
        }
        fill(allTime)
        return result
    }
}
