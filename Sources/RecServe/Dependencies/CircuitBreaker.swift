// Stops asking a store that does not answer, and finds out when it does again.
import Synchronization

/// A breaker: closed = calls go through; open = none do, for a while that doubles with each failed attempt; half open = one call goes
/// through to see.
///
/// It opens after a number of failures in a row, or when half of the last calls failed. (Nygard, Release It!, 2007, chapter 5.)
final class CircuitBreaker: Sendable {
    /// The values are those of the metric.
    enum State: Int, Sendable { case closed, halfOpen, open }

    struct Settings: Sendable {
        var failuresInARow = 5
        /// Calls that are looked at together; half of them failing opens it.
        var window = 20
        /// Results older than this count no more.
        var windowAge = Duration.seconds(1)
        var firstPause = Duration.milliseconds(500)
        var longestPause = Duration.seconds(10)
    }

    private struct Inside {
        var state = State.closed
        var failures = 0
        var results: [(at: ContinuousClock.Instant, isGood: Bool)] = []
        var opens = ContinuousClock.Instant.now
        var pause: Duration
    }
    private let inside: Mutex<Inside>
    private let settings: Settings
    private let now: @Sendable () -> ContinuousClock.Instant
    private let jitter: @Sendable () -> Double
    private let changed: @Sendable (State) -> Void

    /// - Parameters:
    ///   - jitter: 0 to 1, drawn for each pause: servers that lost a store together do not all ask it again together.
    ///   - changed: told of each new state.
    init(
        _ settings: Settings = Settings(), now: @escaping @Sendable () -> ContinuousClock.Instant = { .now },
        jitter: @escaping @Sendable () -> Double = { .random(in: 0...1) },
        changed: @escaping @Sendable (State) -> Void = { _ in }
    ) {
        (self.settings, self.now, self.jitter, self.changed) = (settings, now, jitter, changed)
        inside = Mutex(Inside(pause: settings.firstPause))
    }

    var state: State { inside.withLock { $0.state } }

    /// Whether a call may be made. One that is let through must be followed by ``succeeded()``, ``failed()`` or ``gaveUp()``.
    func admits() -> Bool {
        let (isAdmitted, state) = inside.withLock { inside -> (Bool, State?) in
            switch inside.state {
            case .closed: return (true, nil)
            case .halfOpen: return (false, nil)
            case .open:
                guard now() >= inside.opens else { return (false, nil) }
                inside.state = .halfOpen
                return (true, .halfOpen)
            }
        }
        if let state { changed(state) }
        return isAdmitted
    }

    func succeeded() {
        let hasChanged = inside.withLock { inside in
            inside.failures = 0
            note(true, &inside)
            guard inside.state == .halfOpen else { return false }
            inside.state = .closed
            inside.results = []
            inside.pause = settings.firstPause
            return true
        }
        if hasChanged { changed(.closed) }
    }

    func failed() {
        let hasChanged = inside.withLock { inside in
            switch inside.state {
            // A call that began before it opened.
            case .open: return false
            case .halfOpen:
                inside.pause = min(settings.longestPause, inside.pause * 2)
                open(&inside)
                return true
            case .closed:
                inside.failures += 1
                note(false, &inside)
                let bad = inside.results.count { !$0.isGood }
                guard
                    inside.failures >= settings.failuresInARow
                        || (inside.results.count >= settings.window && bad * 2 >= inside.results.count)
                else { return false }
                open(&inside)
                return true
            }
        }
        if hasChanged { changed(.open) }
    }

    /// The call ended without telling anything about the store: its caller went away.
    func gaveUp() {
        let hasChanged = inside.withLock { inside in
            guard inside.state == .halfOpen else { return false }
            // The next one may try at once.
            inside.state = .open
            inside.opens = now()
            return true
        }
        if hasChanged { changed(.open) }
    }

    private func open(_ inside: inout Inside) {
        inside.state = .open
        inside.failures = 0
        inside.results = []
        inside.opens = now() + inside.pause * (0.75 + 0.25 * jitter())
    }

    private func note(_ isGood: Bool, _ inside: inout Inside) {
        let moment = now()
        inside.results.append((moment, isGood))
        inside.results.removeAll { moment - $0.at > settings.windowAge }
        if inside.results.count > settings.window { inside.results.removeFirst(inside.results.count - settings.window) }
    }
}
