// Tells the operator of failures without writing the same line hundreds of times a second.
import Logging
import RecCore
import Synchronization

/// Writes the first failure of a kind, then at most one line a period with the number that was left out.
final class FailureLog: Sendable {
    private struct Seen {
        var last: Timestamp
        var repeats: Int
    }
    private let seen = Mutex<[String: Seen]>([:])
    private let logger: Logger
    private let period: Int64

    /// - Parameter period: milliseconds between two lines of the same kind.
    init(_ logger: Logger, period: Int64 = 10_000) { (self.logger, self.period) = (logger, period) }

    /// - Parameters:
    ///   - error: its text is written if it is one of the engine's; of others only the type, since their text may hold user data.
    ///   - requestID: of the request that failed; `nil` = it was none.
    func note(_ error: any Error, code: String, requestID: String? = nil, now: Timestamp) {
        let storage = error as? StorageError
        let key = storage.map { "\(code) \($0.operation)" } ?? "\(code) \(type(of: error))"
        let repeats: Int? = seen.withLock { seen in
            if let old = seen[key], now.milliseconds &- old.last.milliseconds < period, now >= old.last {
                seen[key]?.repeats += 1
                return nil
            }
            let repeats = seen[key]?.repeats ?? 0
            seen[key] = Seen(last: now, repeats: 0)
            return repeats
        }
        guard let repeats else { return }
        var metadata: Logger.Metadata = [LogKey.code: "\(code)", LogKey.repeats: "\(repeats)"]
        metadata[LogKey.operation] = storage.map { "\($0.operation)" } ?? "\(type(of: error))"
        if let requestID { metadata[LogKey.requestID] = "\(requestID)" }
        if let storage { metadata[LogKey.reason] = "\(storage.reason)" }
        logger.error("Request failed", metadata: metadata)
    }
}
