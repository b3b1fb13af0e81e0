// Tells the person at the terminal how far a long step is.
import Foundation
import Synchronization

/// Count, rate and time left on standard error: one line written over and over on a terminal, a plain line every few
/// seconds elsewhere. Standard output stays free for results.
public final class ProgressReporter: Sendable {
    private struct State {
        var start: ContinuousClock.Instant
        var last: ContinuousClock.Instant
        var width = 0
        /// Count at the start, which does not belong to the rate.
        var base: Int64 = 0
    }
    private let state: Mutex<State>
    private let label: String
    private let unit: String
    private let isTerminal: Bool
    private let write: @Sendable (String) -> Void
    private let now: @Sendable () -> ContinuousClock.Instant

    /// - Parameters:
    ///   - label: what goes on, as `ingest`.
    ///   - unit: what is counted, as `rows`.
    ///   - isTerminal: whether lines can be written over; by default as standard error is.
    ///   - write: where the text goes; by default standard error.
    ///   - now: the clock.
    public init(
        label: String, unit: String, isTerminal: Bool? = nil, write: (@Sendable (String) -> Void)? = nil,
        now: @escaping @Sendable () -> ContinuousClock.Instant = { ContinuousClock.now }
    ) {
        (self.label, self.unit, self.now) = (label, unit, now)
        self.isTerminal = isTerminal ?? (isatty(STDERR_FILENO) == 1)
        // A reader that went away is no reason to end.
        self.write = write ?? { try? FileHandle.standardError.write(contentsOf: Data($0.utf8)) }
        let start = now()
        state = Mutex(State(start: start, last: start))
    }

    /// Says that the step goes on where an earlier run stopped: the rate counts from here.
    public func resume(at done: Int64) { state.withLock { $0.base = done } }

    /// Says how far the step is. Cheap: most calls write nothing.
    /// - Parameters:
    ///   - done: how many so far.
    ///   - fraction: how much of all that is, 0 to 1; `nil` when unknown.
    public func update(_ done: Int64, fraction: Double?) {
        let time = now()
        let text: String? = state.withLock { state in
            guard time - state.last >= (isTerminal ? .milliseconds(200) : .seconds(5)) else { return nil }
            state.last = time
            let line = self.line(done, base: state.base, fraction: fraction, elapsed: time - state.start)
            return rewritten(line, &state)
        }
        if let text { write(text) }
    }

    /// Says that the step is over, and how it went.
    public func finish(_ done: Int64) {
        let time = now()
        let text = state.withLock { state in
            let elapsed = time - state.start
            let line = self.line(done, base: state.base, fraction: nil, elapsed: elapsed)
            let text = rewritten("\(line), took \(Self.text(of: elapsed))", &state)
            return isTerminal ? text + "\n" : text
        }
        write(text)
    }

    private func rewritten(_ line: String, _ state: inout State) -> String {
        guard isTerminal else { return line + "\n" }
        let padding = String(repeating: " ", count: max(0, state.width - line.count))
        state.width = line.count
        return "\r\(line)\(padding)"
    }

    private func line(_ done: Int64, base: Int64, fraction: Double?, elapsed: Duration) -> String {
        let seconds = elapsed / .seconds(1)
        var parts = ["\(label): \(Self.grouped(done)) \(unit)"]
        if seconds > 0.001 {
            let rate = Double(max(0, done - base)) / seconds
            parts.append("\(Self.grouped(Int64(min(rate, 1e15)))) \(unit)/s")
        }
        if let fraction, fraction > 0.001, fraction <= 1 {
            parts.append("\(Int(fraction * 100)) %")
            parts.append("\(Self.text(of: .seconds(seconds * (1 - fraction) / fraction))) left")
        }
        return parts.joined(separator: ", ")
    }

    /// `1234567` as `1,234,567`.
    public static func grouped(_ value: Int64) -> String {
        var digits = String(value.magnitude)
        var groups: [String] = []
        while digits.count > 3 {
            groups.insert(String(digits.suffix(3)), at: 0)
            digits.removeLast(3)
        }
        return (value < 0 ? "-" : "") + ([digits] + groups).joined(separator: ",")
    }

    /// A duration as `45 s`, `3 min 05 s` or `2 h 07 min`.
    public static func text(of duration: Duration) -> String {
        func two(_ value: Int64) -> String { value < 10 ? "0\(value)" : "\(value)" }
        let seconds = max(0, duration.components.seconds)
        if seconds < 60 { return "\(seconds) s" }
        if seconds < 3600 { return "\(seconds / 60) min \(two(seconds % 60)) s" }
        return "\(seconds / 3600) h \(two(seconds % 3600 / 60)) min"
    }
}
