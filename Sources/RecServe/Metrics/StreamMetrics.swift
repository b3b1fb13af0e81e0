// Every metric of a stream processor, with its name and its meaning.
import CoreMetrics
import RecCore

/// What a stream processor counts. Names and labels are a promise to dashboards: change them with care.
///
/// Tell it what `StreamPipeline` reports, and hand it to a ``FiguresServer``. Scrapes read what was told last and wait for no
/// store.
public final class StreamMetrics: Sendable {
    private let registry: PrometheusRegistry

    /// - Parameter registry: where the figures are kept; hand in the one that the process' metrics system was bootstrapped with.
    public init(_ registry: PrometheusRegistry = PrometheusRegistry()) {
        self.registry = registry
        registry.beginProcess()
        registry.describe(
            "reco_stream_events_total", "Events whose effect is durable and acknowledged, repetitions included.")
        registry.describe("reco_stream_batches_total", "Batches whose effect is durable and acknowledged.")
        registry.describe("reco_stream_added_total", "Events that history did not hold before.")
        registry.describe(
            "reco_stream_failures_total", "Calls of log and stores that failed and are made again, by reason.")
        registry.describe(
            "reco_stream_dead_letters_total", "Messages that were put aside: unreadable, or of the future.")
        registry.describe(
            "reco_stream_lag_events", "Events that the whole group has not acknowledged; where the log tells it.")
        // Series that an alert waits for exist from the start.
        done(StreamReport())
        for code in [StorageError.Code.unavailable, .timeout, .full] { count(code, 0) }
        putAside(0)
    }

    /// - Parameter report: of everything since the start.
    public func done(_ report: StreamReport) {
        registry.setCounter("reco_stream_events", to: Double(report.events))
        registry.setCounter("reco_stream_batches", to: Double(report.batches))
        registry.setCounter("reco_stream_added", to: Double(report.added))
    }

    /// A call failed, and will be made again.
    public func failed(_ error: StorageError) { count(error.code, 1) }

    /// - Parameter lag: events that the group has not acknowledged; `nil` = not known now, and nothing is told.
    public func behind(_ lag: Int64?) {
        guard let lag else { return registry.forget("reco_stream_lag_events") }
        registry.makeMeter(label: "reco_stream_lag_events", dimensions: []).set(Double(lag))
    }

    /// - Parameter deadLetters: since the start.
    public func putAside(_ deadLetters: Int) {
        registry.setCounter("reco_stream_dead_letters", to: Double(deadLetters))
    }

    /// Every metric in the text format of Prometheus, the process' own with their values of now.
    public var text: String {
        registry.refreshProcess()
        return registry.text
    }

    /// Every name that may be told.
    var describedNames: Set<String> { registry.describedNames }

    private func count(_ code: StorageError.Code, _ amount: Int64) {
        registry.makeCounter(label: "reco_stream_failures", dimensions: [("reason", "\(code)")]).increment(by: amount)
    }
}
