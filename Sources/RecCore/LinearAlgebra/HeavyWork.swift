// Minutes of computation, away from Swift's own threads.
import Dispatch

enum HeavyWork {
    private static let queue = DispatchQueue(label: "heavy work", attributes: .concurrent)

    /// Runs `body` on a thread that may be busy for long, while the caller's thread serves others.
    static func run<T: Sendable, E: Error>(_ body: @escaping @Sendable () throws(E) -> T) async throws(E) -> T {
        let result = await withCheckedContinuation { (continuation: CheckedContinuation<Result<T, E>, Never>) in
            queue.async {
                do throws(E) {
                    continuation.resume(returning: .success(try body()))
                } catch {
                    continuation.resume(returning: .failure(error))
                }
            }
        }
        return try result.get()
    }
}
