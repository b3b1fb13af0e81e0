// All sales ever, in a journal.
import RecCore

/// `InteractionStore` on a file of JSON lines. A line holds what one call added, and how far a bulk source is loaded by it.
public actor SalesLedger: InteractionStore {
    private struct Line: Codable {
        var events: [EventLine]
        var position: PositionLine?
    }
    private struct State {
        var events: [Interaction] = []
        var known: [UserID: Set<EventID>] = [:]
        var positions: [String: SourcePosition] = [:]

        /// Those that are not held yet.
        func new(_ interactions: [Interaction]) -> [Interaction] {
            var seen: [UserID: Set<EventID>] = [:]
            return interactions.filter { interaction in
                guard let event = interaction.event else { return true }
                return known[interaction.user]?.contains(event) != true
                    && seen[interaction.user, default: []].insert(event).inserted
            }
        }

        mutating func add(_ interactions: [Interaction]) {
            events += interactions
            for interaction in interactions {
                if let event = interaction.event { known[interaction.user, default: []].insert(event) }
            }
        }
    }

    private let queue = FileQueue()
    public nonisolated var unownedExecutor: UnownedSerialExecutor { queue.asUnownedSerialExecutor() }
    private var journal: Journal<Line>
    private var state: State

    /// Reads the file once.
    public init(path: String) throws(StorageError) {
        var state = State()
        journal = try Journal(path) { line in
            state.add(line.events.compactMap { $0.interaction })
            if let position = line.position?.position { state.positions[position.source] = position }
        }
        self.state = state
    }

    public func append(_ interactions: [Interaction]) async throws(StorageError) -> Int {
        let new = state.new(interactions)
        guard !new.isEmpty else { return 0 }
        try journal.append(Line(events: new.map { EventLine($0) }))
        state.add(new)
        return new.count
    }

    public func load(
        _ interactions: [Interaction], from previous: SourcePosition?, to position: SourcePosition
    ) async throws(StorageError) {
        guard state.positions[position.source] == previous else {
            throw StorageError(
                .conflict, operation: "history.load", reason: "\(position.source) stands elsewhere than the caller")
        }
        let new = state.new(interactions)
        try journal.append(Line(events: new.map { EventLine($0) }, position: PositionLine(position)))
        state.add(new)
        state.positions[position.source] = position
    }

    public func position(of source: String) async throws(StorageError) -> SourcePosition? { state.positions[source] }

    public func page(after offset: Int64, limit: Int) async throws(StorageError) -> HistoryPage {
        let start = min(max(0, Int(offset)), state.events.count)
        let end = min(start + max(0, limit), state.events.count)
        return HistoryPage(interactions: Array(state.events[start..<end]), nextOffset: Int64(end))
    }

    public func count() async throws(StorageError) -> Int { state.events.count }
}
