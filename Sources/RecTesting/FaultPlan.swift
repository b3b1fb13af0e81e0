// Which calls of a fake fail, decided by the test before they are made.
import RecCore
import Synchronization

/// Failures to come, by operation name, such as `sessions.record`. A plan may be shared by several stores.
///
///     stores.faults.fail("sessions.states", .timeout, times: 2)
///     stores.faults.fail("log.append", .timeout, moment: .afterEffect)  // done, but the answer is lost
public final class FaultPlan: Sendable {
    /// When a call fails.
    public enum Moment: Sendable {
        /// Nothing is done.
        case beforeEffect
        /// The call takes effect, and its caller is told that it failed: what a lost answer looks like.
        case afterEffect
    }

    private struct Fault: Sendable {
        let code: StorageError.Code
        let reason: String
        let moment: Moment
        var skipping: Int
        var times: Int
    }
    private struct State {
        var faults: [String: [Fault]] = [:]
        var calls: [String: Int] = [:]
    }
    private let state = Mutex(State())

    /// A plan in which everything succeeds.
    public init() {}

    /// Makes calls of `operation` fail.
    /// - Parameters:
    ///   - operation: port and call, as `sessions.record`.
    ///   - code: what the caller is told.
    ///   - skipping: calls that still succeed before the first failure.
    ///   - times: failing calls; `Int.max` = until ``clear()``.
    ///   - moment: whether the call takes effect all the same.
    ///   - reason: of the error.
    public func fail(
        _ operation: String, _ code: StorageError.Code, skipping: Int = 0, times: Int = 1,
        moment: Moment = .beforeEffect, reason: String = "a planned fault"
    ) {
        state.withLock {
            $0.faults[operation, default: []].append(
                Fault(code: code, reason: reason, moment: moment, skipping: skipping, times: times))
        }
    }

    /// Everything succeeds again.
    public func clear() { state.withLock { $0.faults = [:] } }

    /// How often an operation was called, failing calls included.
    public func calls(of operation: String) -> Int { state.withLock { $0.calls[operation] ?? 0 } }

    /// The fault of this call, if it has one; counts the call.
    private func next(_ operation: String) -> Fault? {
        state.withLock { state in
            state.calls[operation, default: 0] += 1
            guard var fault = state.faults[operation]?.first else { return nil }
            if fault.skipping > 0 {
                fault.skipping -= 1
                state.faults[operation]?[0] = fault
                return nil
            }
            fault.times -= 1
            if fault.times > 0 {
                state.faults[operation]?[0] = fault
            } else {
                state.faults[operation]?.removeFirst()
            }
            return fault
        }
    }

    /// Runs one call of a fake under the plan.
    public func run<T>(_ operation: String, _ body: () throws(StorageError) -> T) throws(StorageError) -> T {
        guard let fault = next(operation) else { return try body() }
        if fault.moment == .afterEffect { _ = try body() }
        throw StorageError(fault.code, operation: operation, reason: fault.reason)
    }
}
