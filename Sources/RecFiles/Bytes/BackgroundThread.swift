// Long file work for a caller on Swift's threads.
import Dispatch

/// Runs blocking work on a thread of its own.
public enum BackgroundThread {
    public static func run<T: Sendable>(_ body: @escaping @Sendable () throws -> T) async throws -> T {
        try await withCheckedThrowingContinuation { continuation in
            DispatchQueue.global().async { continuation.resume(with: Result { try body() }) }
        }
    }
}
