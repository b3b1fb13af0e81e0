// Calls that are made again after a failure that may pass.

/// How long to wait before a failed call is made again: twice as long after each failure, up to a maximum.
public struct RetryBackoff: Sendable, Hashable {
    /// Before the first repetition.
    public let initial: Duration
    /// The wait does not grow beyond this.
    public let maximum: Duration

    /// A maximum below the first wait is raised to it.
    public init(initial: Duration = .milliseconds(50), maximum: Duration = .seconds(5)) {
        (self.initial, self.maximum) = (initial, max(initial, maximum))
    }

    /// The wait before repetition `number` (0 = the first).
    public func wait(before number: Int) -> Duration {
        number < 20 ? min(maximum, initial * (1 << max(0, number))) : maximum
    }
}

/// Makes calls to stores again, later and later, until they succeed.
struct Repetition: Sendable {
    let backoff: RetryBackoff
    /// How often a call is made again at most.
    let attempts: Int
    /// Told of each failure that is followed by a repetition.
    let failed: (@Sendable (StorageError) -> Void)?

    /// What the call returns; `nil` = the task was cancelled before a call that failed was made again.
    /// - Parameter count: grows with each repetition.
    /// - Throws: the first error that does not pass by waiting, and the last when there are no attempts left.
    func call<Value>(
        _ count: inout Int, _ clock: some Clock<Duration>, _ call: () async throws(StorageError) -> Value
    ) async throws(StorageError) -> Value? {
        var repetitions = 0
        while true {
            do {
                return try await call()
            } catch {
                // A store without room keeps what it has; someone makes room.
                guard error.isRetryable || error.code == .full, repetitions < attempts else { throw error }
                // A call that was cut off by the end of the task is no failure of the store.
                if Task.isCancelled { return nil }
                count += 1
                failed?(error)
                do {
                    try await clock.sleep(for: backoff.wait(before: repetitions))
                } catch {
                    return nil
                }
                repetitions += 1
            }
        }
    }
}
