// Impressions on their way from answers to their log.
import Synchronization

/// A bounded queue that answers put into without waiting, and one writer takes from in batches.
final class ImpressionQueue: Sendable {
    private struct State {
        var held: [@Sendable () -> Impression] = []
        var waiting: CheckedContinuation<Void, Never>?
        var isFinished = false
        var dropped = 0
    }
    private let state = Mutex(State())
    private let capacity: Int

    init(capacity: Int) { self.capacity = max(1, capacity) }

    /// Beyond the capacity the newest are dropped.
    /// - Parameter impression: made when it is written: the names and bytes of its candidates are no concern of the request.
    func add(_ impression: @escaping @autoclosure @Sendable () -> Impression) {
        let waiting = state.withLock { state -> CheckedContinuation<Void, Never>? in
            guard !state.isFinished, state.held.count < capacity else {
                state.dropped += 1
                return nil
            }
            state.held.append(impression)
            defer { state.waiting = nil }
            return state.waiting
        }
        waiting?.resume()
    }

    /// How many were dropped.
    var dropped: Int { state.withLock { $0.dropped } }

    /// How many are held now.
    var waiting: Int { state.withLock { $0.held.count } }

    func finish() {
        let waiting = state.withLock { state in
            state.isFinished = true
            defer { state.waiting = nil }
            return state.waiting
        }
        waiting?.resume()
    }

    /// After ``finish()``: gives up what is held. - Returns: how many these are; `nil` before.
    func giveUp() -> Int? {
        state.withLock { state in
            guard state.isFinished else { return nil }
            defer { state.held = [] }
            return state.held.count
        }
    }

    /// Everything that is held, once there is something; `nil` after ``finish()`` or when the task is cancelled.
    func next(atMost limit: Int) async -> [Impression]? {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isReady = state.withLock { state in
                    if !state.held.isEmpty || state.isFinished || Task.isCancelled { return true }
                    state.waiting = continuation
                    return false
                }
                if isReady { continuation.resume() }
            }
        } onCancel: {
            let waiting = state.withLock { state in
                defer { state.waiting = nil }
                return state.waiting
            }
            waiting?.resume()
        }
        let batch = state.withLock { state -> [@Sendable () -> Impression]? in
            guard !state.held.isEmpty else { return nil }
            let batch = Array(state.held.prefix(limit))
            state.held.removeFirst(batch.count)
            return batch
        }
        return batch?.map { $0() }
    }
}
