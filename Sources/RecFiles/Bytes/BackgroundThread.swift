// Long file work for a caller on Swift's threads.
import Dispatch

/// Runs blocking work on a thread of its own.
public enum BackgroundThread {
    /// What `body` gives or throws; the caller is suspended meanwhile, and a cancellation does not end it.
    public static func run<T: Sendable>(_ body: @escaping @Sendable () throws -> T) async throws -> T {
        try await withCheckedThrowingContinuation { continuation in
            DispatchQueue.global().async { continuation.resume(with: Result { try body() }) }
        }
    }
}
