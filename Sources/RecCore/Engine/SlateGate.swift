// Keeps more lists from being computed at once than there are processors.
import Synchronization

/// A bounded number of places to compute in, and a bounded queue for them, first come first served.
///
/// Without it a burst of requests would put as many computations before everything else on Swift's few threads, a health probe
/// included; and a server that cannot keep up would answer everyone late in place of most in time.
final class SlateGate: Sendable {
    private struct State {
        var free: Int
        /// Those who wait, the longest first, from `first` on.
        var waiting: [CheckedContinuation<Void, Never>] = []
        var first = 0
    }
    private let state: Mutex<State>
    private let queue: Int

    /// - Parameters:
    ///   - width: computations at once.
    ///   - queue: requests that may wait.
    init(width: Int, queue: Int) {
        state = Mutex(State(free: max(1, width)))
        self.queue = queue
    }

    /// Runs `body` when there is a place.
    /// - Throws: `.overloaded`, at once, when the queue is full.
    func run<T>(_ body: () -> T) async throws(RecommendationError) -> T {
        if try !enter() { await turn() }
        defer { leave() }
        return body()
    }

    /// Whether a place was taken; if not, one may be waited for.
    private func enter() throws(RecommendationError) -> Bool {
        try state.withLock { (state) throws(RecommendationError) in
            if state.free > 0 {
                state.free -= 1
                return true
            }
            guard state.waiting.count - state.first < queue else { throw .overloaded }
            return false
        }
    }

    private func turn() async {
        await withCheckedContinuation { continuation in
            let isFree = state.withLock { state in
                if state.free > 0 {
                    state.free -= 1
                    return true
                }
                state.waiting.append(continuation)
                return false
            }
            if isFree { continuation.resume() }
        }
    }

    /// Hands the place to the one who waits longest.
    private func leave() {
        let next: CheckedContinuation<Void, Never>? = state.withLock { state in
            guard state.first < state.waiting.count else {
                state.waiting.removeAll(keepingCapacity: true)
                state.first = 0
                state.free += 1
                return nil
            }
            defer {
                state.first += 1
                // Under a load that never lets the queue run empty, those who had their turn make room all the same.
                if state.first > 64, state.first * 2 > state.waiting.count {
                    state.waiting.removeFirst(state.first)
                    state.first = 0
                }
            }
            return state.waiting[state.first]
        }
        next?.resume()
    }
}
