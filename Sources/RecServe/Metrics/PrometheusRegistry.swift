// Metrics in memory, and their text for Prometheus.
import CoreMetrics
import Synchronization

/// A backend of swift-metrics that answers scrapes: counters, gauges and histograms with labels.
///
/// Bootstrap it as the process' metrics system to see those of the libraries too:
///
/// ```swift
/// let registry = PrometheusRegistry()
/// MetricsSystem.bootstrap(registry)
/// ```
///
/// A label of swift-metrics becomes the family's name, a dimension a label. Timers are told in seconds, under a name that ends in
/// `_seconds`; counters under one that ends in `_total`.
public final class PrometheusRegistry: MetricsFactory {
    enum Kind: String { case counter, gauge, histogram }

    /// All series of one name.
    struct Family {
        let kind: Kind
        var help: String
        var bounds: [Double]
        /// By labels, as they stand in the text.
        var series: [String: Series] = [:]
    }

    /// Upper bounds of histograms that were not described: seconds of requests.
    public static let secondsOfRequests = [
        0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5,
    ]
    /// Series of one family beyond which no more are made: a label that a client chooses must not fill the memory.
    private static let mostSeries = 1000

    private let families = Mutex<[String: Family]>([:])

    /// A registry without metrics.
    public init() {}

    /// Says what a metric means; do it before the first value.
    /// - Parameters:
    ///   - name: as scrapes show it, the `_total` of counters included.
    ///   - help: one line.
    ///   - bounds: upper bounds of a histogram's buckets, ascending.
    public func describe(_ name: String, _ help: String, bounds: [Double] = secondsOfRequests) {
        described.withLock { $0[name] = (help, bounds) }
    }
    private let described = Mutex<[String: (help: String, bounds: [Double])]>([:])

    /// Every name that was described, whether or not it has a value yet.
    var describedNames: Set<String> { described.withLock { Set($0.keys) } }

    private func series(_ label: String, _ dimensions: [(String, String)], _ kind: Kind) -> Series {
        let name = Self.name(label, kind)
        let labels = Self.labels(dimensions)
        return families.withLock { families in
            if let found = families[name]?.series[labels] { return found }
            if families[name] == nil {
                let (help, bounds) = described.withLock { $0[name] } ?? ("\(label)", Self.secondsOfRequests)
                families[name] = Family(kind: kind, help: help, bounds: bounds)
            }
            let made = Series(bounds: kind == .histogram ? families[name]?.bounds ?? [] : [])
            // What does not fit is counted nowhere, and still may be written to.
            guard let family = families[name], family.kind == kind, family.series.count < Self.mostSeries else {
                return made
            }
            families[name]?.series[labels] = made
            return made
        }
    }

    /// Letters, digits and underscores: what Prometheus takes.
    private static func name(_ label: String, _ kind: Kind) -> String {
        var name = String(
            label.map { letter in letter.isASCII && (letter.isLetter || letter.isNumber) ? letter : "_" })
        if let first = name.first, first.isNumber { name = "_" + name }
        if kind == .counter, !name.hasSuffix("_total") { name += "_total" }
        return name
    }

    private static func labels(_ dimensions: [(String, String)]) -> String {
        dimensions.map { name, value in
            var text = ""
            for letter in value.prefix(128) {
                switch letter {
                case "\\": text += "\\\\"
                case "\"": text += "\\\""
                case "\n", "\r\n": text += "\\n"
                default: text.append(letter)
                }
            }
            return "\(Self.name(name, .gauge))=\"\(text)\""
        }.joined(separator: ",")
    }

    /// Drops every series of a metric, those of things that are no more among them.
    func forget(_ name: String) { families.withLock { $0[name]?.series = [:] } }

    public func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        series(label, dimensions, .counter)
    }
    public func makeFloatingPointCounter(
        label: String, dimensions: [(String, String)]
    ) -> any FloatingPointCounterHandler { series(label, dimensions, .counter) }
    public func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
        series(label, dimensions, .gauge)
    }
    public func makeRecorder(label: String, dimensions: [(String, String)], aggregate: Bool) -> any RecorderHandler {
        series(label, dimensions, aggregate ? .histogram : .gauge)
    }
    public func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        series(label.hasSuffix("seconds") ? label : label + "_seconds", dimensions, .histogram)
    }
    public func destroyCounter(_ handler: any CounterHandler) {}
    public func destroyMeter(_ handler: any MeterHandler) {}
    public func destroyFloatingPointCounter(_ handler: any FloatingPointCounterHandler) {}
    public func destroyRecorder(_ handler: any RecorderHandler) {}
    public func destroyTimer(_ handler: any TimerHandler) {}
}

// MARK: - Text

extension PrometheusRegistry {
    /// Every metric in the text format of Prometheus, version 0.0.4, sorted.
    public var text: String {
        let families = families.withLock { $0 }
        var lines: [String] = []
        for (name, family) in families.sorted(by: { $0.key < $1.key }) {
            lines.append("# HELP \(name) \(Self.escapedHelp(family.help))")
            lines.append("# TYPE \(name) \(family.kind.rawValue)")
            for (labels, series) in family.series.sorted(by: { $0.key < $1.key }) {
                lines += Self.lines(name, labels, series.state, family)
            }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private static func lines(_ name: String, _ labels: String, _ state: Series.State, _ family: Family) -> [String] {
        let braces = labels.isEmpty ? "" : "{\(labels)}"
        guard family.kind == .histogram else { return ["\(name)\(braces) \(number(state.value))"] }
        let front = labels.isEmpty ? "" : labels + ","
        var sum = 0
        var lines = zip(family.bounds, state.buckets).map { bound, count in
            sum += count
            return "\(name)_bucket{\(front)le=\"\(number(bound))\"} \(sum)"
        }
        lines.append("\(name)_bucket{\(front)le=\"+Inf\"} \(state.count)")
        lines.append("\(name)_sum\(braces) \(number(state.value))")
        lines.append("\(name)_count\(braces) \(state.count)")
        return lines
    }

    private static func number(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value > 0 ? "+Inf" : "-Inf" }
        return value == value.rounded() && abs(value) < 1e15 ? String(Int64(value)) : String(value)
    }

    private static func escapedHelp(_ text: String) -> String {
        text.map { $0 == "\\" ? "\\\\" : $0.isNewline ? "\\n" : String($0) }.joined()
    }
}

/// One counter, gauge or histogram.
final class Series: CounterHandler, FloatingPointCounterHandler, MeterHandler, RecorderHandler, TimerHandler {
    struct State {
        /// The value, or the sum of a histogram's values.
        var value = 0.0
        var buckets: [Int]
        var count = 0
    }
    private let held: Mutex<State>
    private let bounds: [Double]

    init(bounds: [Double]) {
        self.bounds = bounds
        held = Mutex(State(buckets: Array(repeating: 0, count: bounds.count)))
    }

    var state: State { held.withLock { $0 } }

    private func observe(_ value: Double) {
        guard !bounds.isEmpty else { return set(value) }
        guard value.isFinite else { return }
        held.withLock { state in
            state.value += value
            state.count += 1
            if let bucket = bounds.firstIndex(where: { value <= $0 }) { state.buckets[bucket] += 1 }
        }
    }

    func increment(by amount: Int64) { increment(by: Double(amount)) }
    func increment(by amount: Double) { held.withLock { $0.value += amount } }
    func decrement(by amount: Double) { held.withLock { $0.value -= amount } }
    func reset() { held.withLock { $0.value = 0 } }
    func set(_ value: Int64) { set(Double(value)) }
    func set(_ value: Double) { held.withLock { $0.value = value } }
    func record(_ value: Int64) { observe(Double(value)) }
    func record(_ value: Double) { observe(value) }
    func recordNanoseconds(_ duration: Int64) { observe(Double(duration) / 1e9) }
}
