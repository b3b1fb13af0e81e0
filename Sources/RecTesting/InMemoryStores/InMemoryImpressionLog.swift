// Impressions in memory.
import RecCore
import Synchronization

/// `ImpressionLog` that forgets at the end of the process.
public final class InMemoryImpressionLog: ImpressionLog {
    public let faults: FaultPlan
    private struct State {
        var impressions: [Impression] = []
        var known: Set<String> = []
    }
    private let state = Mutex(State())

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
                let end = min(start + max(0, limit), state.impressions.count)
                return (Array(state.impressions[start..<end]), Int64(end))
            }
        }
    }
}
