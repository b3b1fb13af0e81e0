// Impressions in memory.
import RecCore
import Synchronization

/// `ImpressionLog` that forgets at the end of the process.
public final class InMemoryImpressionLog: ImpressionLog, PersonalDataStore {
    /// Decides which calls fail, and counts them.
    public let faults: FaultPlan
    private struct State {
        /// `nil` = was erased: offsets of the others stay.
        var impressions: [Impression?] = []
        var known: Set<String> = []
        var outcomes: [String: [EventID: Outcome]] = [:]
    }
    private let state = Mutex(State())

    /// An empty log.
    public init(faults: FaultPlan = FaultPlan()) { self.faults = faults }

    public func append(_ impressions: [Impression]) async throws(StorageError) {
        try faults.run("impressions.append") {
            state.withLock { state in
                for impression in impressions where state.known.insert(impression.recommendation).inserted {
                    state.impressions.append(impression)
                }
            }
        }
    }

    public func page(
        after offset: Int64, limit: Int
    ) async throws(StorageError) -> (impressions: [Impression], nextOffset: Int64) {
        try faults.run("impressions.page") {
            state.withLock { state in
                let start = min(max(0, Int(offset)), state.impressions.count)
                var (end, found) = (start, 0)
                while end < state.impressions.count, found < limit {
                    found += state.impressions[end] == nil ? 0 : 1
                    end += 1
                }
                return (state.impressions[start..<end].compactMap(\.self), found == 0 ? offset : Int64(end))
            }
        }
    }

    public func erase(_ user: UserID) async throws(StorageError) -> Int {
        try faults.run("impressions.erase") {
            state.withLock { state in
                var count = 0
                for (place, impression) in state.impressions.enumerated() {
                    guard let impression, impression.user == user else { continue }
                    count += 1 + (state.outcomes.removeValue(forKey: impression.recommendation)?.count ?? 0)
                    state.known.remove(impression.recommendation)
                    state.impressions[place] = nil
                }
                return count
            }
        }
    }

    public func append(outcomes: [Outcome]) async throws(StorageError) {
        try faults.run("impressions.outcomes") {
            state.withLock { state in
                for outcome in outcomes where state.outcomes[outcome.recommendation]?[outcome.event] == nil {
                    state.outcomes[outcome.recommendation, default: [:]][outcome.event] = outcome
                }
            }
        }
    }

    public func outcomes(of recommendations: [String]) async throws(StorageError) -> [String: [Outcome]] {
        try faults.run("impressions.outcomes") {
            state.withLock { state in
                var found: [String: [Outcome]] = [:]
                for name in recommendations {
                    guard let outcomes = state.outcomes[name] else { continue }
                    found[name] = outcomes.values.sorted {
                        ($0.timestamp, $0.event.rawValue) < ($1.timestamp, $1.event.rawValue)
                    }
                }
                return found
            }
        }
    }
}
