// What an operator hears while a store is away.
import Foundation
import RecCore
import Synchronization

/// Tells of failures on the error output: the first, and then one in ten seconds with the number of those between.
public final class FailureTalk: Sendable {
    private let state = Mutex<(last: ContinuousClock.Instant?, silent: Int)>((nil, 0))

    public init() {}

    public func tell(_ error: StorageError) {
        let silent = state.withLock { state -> Int? in
            if let last = state.last, ContinuousClock.now - last < .seconds(10) {
                state.silent += 1
                return nil
            }
            defer { state = (.now, 0) }
            return state.silent
        }
        guard let silent else { return }
        let more = silent > 0 ? " (and \(silent) times since the last word)" : ""
        try? FileHandle.standardError.write(contentsOf: Data("waiting: \(error)\(more)\n".utf8))
    }
}
