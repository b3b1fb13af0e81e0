// All interactions ever, in memory.
import RecCore
import Synchronization

/// `InteractionStore` that forgets at the end of the process.
public final class InMemoryHistory: InteractionStore, PersonalDataStore {
    /// Decides which calls fail, and counts them.
    public let faults: FaultPlan
    private struct State {
        /// `nil` = was erased: the places of the others stay.
        var interactions: [Interaction?] = []
        var known: [UserID: Set<EventID>] = [:]
        var positions: [String: SourcePosition] = [:]

        mutating func add(_ added: [Interaction]) -> Int {
            var count = 0
            for interaction in added {
                if let event = interaction.event, !known[interaction.user, default: []].insert(event).inserted {
                    continue
                }
                interactions.append(interaction)
                count += 1
            }
            return count
        }
    }
    private let state = Mutex(State())

    /// An empty history.
    public init(faults: FaultPlan = FaultPlan()) { self.faults = faults }

    /// Everything held, in the order it was stored.
    public var interactions: [Interaction] { state.withLock { $0.interactions.compactMap(\.self) } }

    public func append(_ interactions: [Interaction]) async throws(StorageError) -> Int {
        try faults.run("history.append") { state.withLock { $0.add(interactions) } }
    }

    public func load(
        _ interactions: [Interaction], from previous: SourcePosition?, to position: SourcePosition
    ) async throws(StorageError) {
        try faults.run("history.load") { () throws(StorageError) in
            let isHere = state.withLock { state in
                guard state.positions[position.source] == previous else { return false }
                _ = state.add(interactions)
                state.positions[position.source] = position
                return true
            }
            guard isHere else {
                throw StorageError(
                    .conflict, operation: "history.load",
                    reason: "source \(position.source) stands elsewhere than the caller")
            }
        }
    }

    public func position(of source: String) async throws(StorageError) -> SourcePosition? {
        try faults.run("history.position") { state.withLock { $0.positions[source] } }
    }

    public func page(after offset: Int64, limit: Int) async throws(StorageError) -> HistoryPage {
        try faults.run("history.page") {
            state.withLock { state in
                let start = min(max(0, Int(offset)), state.interactions.count)
                var found: [Interaction] = []
                var end = start
                while end < state.interactions.count, found.count < limit {
                    if let interaction = state.interactions[end] { found.append(interaction) }
                    end += 1
                }
                return HistoryPage(interactions: found, nextOffset: found.isEmpty ? max(0, offset) : Int64(end))
            }
        }
    }

    public func count() async throws(StorageError) -> Int {
        try faults.run("history.count") { state.withLock { $0.interactions.count { $0 != nil } } }
    }

    public func erase(_ user: UserID) async throws(StorageError) -> Int {
        try faults.run("history.erase") {
            state.withLock { state in
                var count = 0
                for place in state.interactions.indices where state.interactions[place]?.user == user {
                    state.interactions[place] = nil
                    count += 1
                }
                state.known[user] = nil
                return count
            }
        }
    }
}
