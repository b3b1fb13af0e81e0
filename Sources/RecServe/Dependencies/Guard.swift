// Between the engine and each store: a breaker, a bound on calls at once, and a deadline.
import RecCore
import Synchronization

/// What the server depends on, as metrics and answers name it.
public enum Dependency: String, Sendable {
    /// Reading windows.
    case sessions
    /// The event log.
    case log
    /// Reading profiles.
    case users
    /// Writing windows fails alone: a store whose disk is full still answers reads.
    case sessionWrites = "session_writes"
}

/// Lets calls of one store through, or answers for it.
final class Guard: Sendable {
    private let dependency: Dependency
    private let breaker: CircuitBreaker
    private let deadline: Duration?
    private let mostCalls: Int
    private let calls = Mutex(0)
    private let metrics: ServerMetrics
    private let clock: any Clock<Duration>

    /// - Parameters:
    ///   - deadline: after it the caller goes on without an answer, whatever the store does; `nil` = the store keeps to one itself.
    ///   - mostCalls: at once; one more is refused without asking the store (a bulkhead).
    init(
        _ dependency: Dependency, deadline: Duration?, mostCalls: Int, metrics: ServerMetrics,
        settings: CircuitBreaker.Settings = CircuitBreaker.Settings(), clock: any Clock<Duration> = ContinuousClock()
    ) {
        (self.dependency, self.deadline, self.mostCalls) = (dependency, deadline, mostCalls)
        (self.metrics, self.clock) = (metrics, clock)
        breaker = CircuitBreaker(settings, changed: { metrics.setBreaker(dependency, $0) })
        metrics.setBreaker(dependency, .closed)
    }

    var state: CircuitBreaker.State { breaker.state }

    func run<Value: Sendable>(
        _ operation: String, _ body: @escaping @Sendable () async throws(StorageError) -> Value
    ) async throws(StorageError) -> Value {
        guard breaker.admits() else {
            metrics.called(dependency, operation, result: "shed", in: .zero)
            throw StorageError(
                .unavailable, operation: operation, reason: "\(dependency) does not answer; not asked now")
        }
        let isFull = calls.withLock { calls in
            guard calls < mostCalls else { return true }
            calls += 1
            return false
        }
        guard !isFull else {
            breaker.failed()
            metrics.called(dependency, operation, result: "full", in: .zero)
            throw StorageError(
                .unavailable, operation: operation, reason: "\(mostCalls) calls of \(dependency) are under way")
        }
        let start = ContinuousClock.now
        let call: @Sendable () async -> Result<Value, StorageError> = {
            let result: Result<Value, StorageError>
            do throws(StorageError) { result = .success(try await body()) } catch { result = .failure(error) }
            self.calls.withLock { $0 -= 1 }
            return result
        }
        let result: Result<Value, StorageError>
        if let deadline {
            result = await Self.first(within: deadline, clock, operation, call)
        } else {
            result = await call()
        }
        let duration = ContinuousClock.now - start
        switch result {
        case .success(let value):
            breaker.succeeded()
            metrics.called(dependency, operation, result: "ok", in: duration)
            return value
        case .failure(let error):
            // What the store says of the data tells that it lives.
            let isAway = error.isRetryable || error.code == .unavailable || error.code == .timeout
            if Task.isCancelled {
                breaker.gaveUp()
            } else if isAway {
                breaker.failed()
            } else {
                breaker.succeeded()
            }
            metrics.called(dependency, operation, result: "\(error.code)", in: duration)
            throw error
        }
    }

    /// What `body` gives, or `.timeout` when it takes longer. It then goes on by itself: a call into C cannot be broken off.
    private static func first<Value: Sendable>(
        within deadline: Duration, _ clock: any Clock<Duration>, _ operation: String,
        _ body: @escaping @Sendable () async -> Result<Value, StorageError>
    ) async -> Result<Value, StorageError> {
        let race = Race<Value>()
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                race.begin(continuation)
                let work = Task { race.end(await body()) }
                let timer = Task {
                    guard (try? await clock.sleep(for: deadline)) != nil else { return }
                    race.end(
                        .failure(
                            StorageError(.timeout, operation: operation, reason: "no answer within \(deadline)")))
                    work.cancel()
                }
                race.onEnd { timer.cancel() }
            }
        } onCancel: {
            race.end(
                .failure(StorageError(.unavailable, operation: operation, reason: "the request was given up")))
        }
    }
}

/// The first of several ends counts.
private final class Race<Value: Sendable>: Sendable {
    private struct State {
        var waiting: CheckedContinuation<Result<Value, StorageError>, Never>?
        var result: Result<Value, StorageError>?
        var cleanup: (@Sendable () -> Void)?
    }
    private let state = Mutex(State())

    func begin(_ continuation: CheckedContinuation<Result<Value, StorageError>, Never>) {
        let early = state.withLock { state -> Result<Value, StorageError>? in
            if state.result == nil { state.waiting = continuation }
            return state.result
        }
        if let early { continuation.resume(returning: early) }
    }

    func end(_ result: Result<Value, StorageError>) {
        let (waiting, cleanup) = state.withLock { state in
            guard state.result == nil else {
                return (nil as CheckedContinuation<Result<Value, StorageError>, Never>?, nil as (@Sendable () -> Void)?)
            }
            state.result = result
            defer { (state.waiting, state.cleanup) = (nil, nil) }
            return (state.waiting, state.cleanup)
        }
        waiting?.resume(returning: result)
        cleanup?()
    }

    /// Runs `cleanup` at the end, at once if it was reached.
    func onEnd(_ cleanup: @escaping @Sendable () -> Void) {
        let isOver = state.withLock { state in
            if state.result == nil { state.cleanup = cleanup }
            return state.result != nil
        }
        if isOver { cleanup() }
    }
}
