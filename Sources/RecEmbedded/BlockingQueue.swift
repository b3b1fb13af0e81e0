// A thread of its own for work that blocks.
import Dispatch

/// A thread for calls that block, so that they never hold one of Swift's pool.
final class BlockingQueue: Sendable {
    static let shared = BlockingQueue()
    private let queue = DispatchQueue(label: "embedded store")

    func run<T: Sendable>(_ body: @escaping @Sendable () -> T) async -> T {
        await withCheckedContinuation { continuation in
            queue.async { continuation.resume(returning: body()) }
        }
    }
}
