// What was shown to whom, in memory.
import RecCore

/// `ImpressionLog` that keeps the last lists and forgets them at the end of the process. A shop that judges policies by what became
/// of its lists writes them down.
public actor ShownLists: ImpressionLog {
    private let capacity: Int
    private var lists: [Impression] = []
    /// Lists that were forgotten: offsets go on behind them.
    private var forgotten = 0
    private var known: Set<String> = []
    private var outcomes: [String: [EventID: Outcome]] = [:]

    public init(capacity: Int = 10_000) { self.capacity = max(1, capacity) }

    public func append(_ impressions: [Impression]) async throws(StorageError) {
        for impression in impressions where known.insert(impression.recommendation).inserted {
            lists.append(impression)
        }
        let old = lists.prefix(max(0, lists.count - capacity))
        for impression in old {
            known.remove(impression.recommendation)
            outcomes[impression.recommendation] = nil
        }
        lists.removeFirst(old.count)
        forgotten += old.count
    }

    public func page(
        after offset: Int64, limit: Int
    ) async throws(StorageError) -> (impressions: [Impression], nextOffset: Int64) {
        let start = min(max(0, Int(offset) - forgotten), lists.count)
        let end = min(start + max(0, limit), lists.count)
        return start < end ? (Array(lists[start..<end]), Int64(forgotten + end)) : ([], offset)
    }

    public func append(outcomes new: [Outcome]) async throws(StorageError) {
        for outcome in new where outcomes[outcome.recommendation]?[outcome.event] == nil {
            outcomes[outcome.recommendation, default: [:]][outcome.event] = outcome
        }
    }

    public func outcomes(of recommendations: [String]) async throws(StorageError) -> [String: [Outcome]] {
        var found: [String: [Outcome]] = [:]
        for name in recommendations {
            found[name] = outcomes[name]?.values.sorted { ($0.timestamp, $0.event) < ($1.timestamp, $1.event) }
        }
        return found
    }
}
