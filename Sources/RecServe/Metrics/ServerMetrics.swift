// Every metric of the server, with its name and its meaning.
import CoreMetrics
import RecCore
import Synchronization

/// What the server counts and measures. Names and labels are a promise to dashboards: change them with care.
///
/// Make one for a process and hand it to ``GuardedStores`` and ``RecommendationServer``.
public final class ServerMetrics: Sendable {
    let registry: PrometheusRegistry
    private let known = Mutex<[SeriesKey: Series]>([:])
    private let breakers = Mutex<[Dependency: CircuitBreaker.State]>([:])

    private static let milliseconds = [
        0.00025, 0.0005, 0.001, 0.002, 0.003, 0.005, 0.0075, 0.01, 0.015, 0.025, 0.05, 0.1, 1,
    ]

    /// - Parameter registry: where the figures are kept; hand in the one that the process' metrics system was bootstrapped with.
    public init(_ registry: PrometheusRegistry = PrometheusRegistry()) {
        self.registry = registry
        for (name, help, bounds) in [
            ("reco_http_requests_total", "Requests answered, by route, method and status.", []),
            ("reco_http_request_duration_seconds", "From a request's head to its answer, by route.", Self.milliseconds),
            ("reco_http_in_flight_requests", "Requests that are being answered.", []),
            ("reco_problems_total", "Answers that were a refusal or a failure, by the code that callers read.", []),
            (
                "reco_recommend_duration_seconds", "Computing an answer, stores included, by resolved mode.",
                Self.milliseconds
            ),
            ("reco_recommend_source_total", "Lists by what they were made from: personal, popular or cold.", []),
            ("reco_recommend_items_total", "Items shown.", []),
            ("reco_degraded_responses_total", "Answers that had to do without a dependency.", []),
            ("reco_dependency_up", "1 = the last call of the dependency succeeded.", []),
            ("reco_breaker_state", "Of each dependency: 0 = closed, 1 = half open, 2 = open.", []),
            ("reco_dependency_call_seconds", "Calls of dependencies, by operation and result.", Self.milliseconds),
            ("reco_events_total", "Events, by result: accepted, refused or failed.", []),
            ("reco_variant_answers_total", "Lists by variant of the running experiment.", []),
            ("reco_variant_events_total", "Accepted events by variant of the running experiment and kind.", []),
            ("reco_model_info", "1 for each version in service.", []),
            ("reco_model_age_seconds", "Since the current version was trained.", []),
            ("reco_model_loads_total", "Loads of model versions, by result.", []),
            ("reco_model_load_failures_total", "Versions that could not be taken into service, by reason.", []),
            ("reco_rate_limited_total", "Requests refused because their caller sent too many.", []),
            ("reco_unauthorized_total", "Requests refused for want of a key or a scope, by code.", []),
            ("reco_keys", "Keys that are good; 0 = nobody is let in.", []),
            ("reco_key_file_failures_total", "Looks at the file of keys that found none to take, by reason.", []),
            ("reco_slow_readers_total", "Connections closed because their client did not take its answers.", []),
            ("reco_impressions_lost_total", "Impressions that their log refused.", []),
            ("reco_impressions_dropped", "Impressions that were not kept because their log was too slow.", []),
            ("reco_impressions_waiting", "Impressions that wait to be written to their log.", []),
        ] { registry.describe(name, help, bounds: bounds) }
        registry.beginProcess()
        // Series that an alert waits for exist from the start.
        for result in ["accepted", "refused", "failed"] { count("reco_events", [("result", result)], 0) }
        for result in ["done", "failed"] { count("reco_model_loads", [("result", result)], 0) }
        for name in ["reco_impressions_lost", "reco_rate_limited", "reco_slow_readers"] { count(name, [], 0) }
        count("reco_problems", [("code", "overloaded")], 0)
        gauge("reco_http_in_flight_requests", [], 0)
    }

    func count(_ name: String, _ labels: [(String, String)], _ amount: Int = 1) {
        series(name, labels) { registry.makeCounter(label: name, dimensions: labels) as? Series }?
            .increment(by: Int64(amount))
    }
    func gauge(_ name: String, _ labels: [(String, String)], _ value: Double) {
        registry.makeMeter(label: name, dimensions: labels).set(value)
    }
    func observe(_ name: String, _ labels: [(String, String)], _ duration: Duration) {
        let (seconds, attoseconds) = duration.components
        series(name, labels) { registry.makeTimer(label: name, dimensions: labels) as? Series }?
            .recordNanoseconds(seconds * 1_000_000_000 + attoseconds / 1_000_000_000)
    }

    /// The series of a name and its labels' values, found without putting their text together anew.
    private func series(_ name: String, _ labels: [(String, String)], _ make: () -> Series?) -> Series? {
        let key = SeriesKey(name: name, values: labels.map(\.1))
        if let known = known.withLock({ $0[key] }) { return known }
        guard let made = make() else { return nil }
        known.withLock { known in
            if known.count < Self.mostKnown { known[key] = made }
        }
        return made
    }
    private static let mostKnown = 10_000
    private struct SeriesKey: Hashable {
        let name: String
        let values: [String]
    }
}

// MARK: - What is told

extension ServerMetrics {
    func answered(route: String, method: String, status: Int, in duration: Duration) {
        count("reco_http_requests", [("route", route), ("method", method), ("status", String(status))])
        observe("reco_http_request_duration", [("route", route)], duration)
    }

    func inFlight(_ change: Double) {
        let meter = Meter(label: "reco_http_in_flight_requests", dimensions: [], factory: registry)
        if change > 0 { meter.increment(by: change) } else { meter.decrement(by: -change) }
    }

    func recommended(_ slate: Recommendations, in duration: Duration) {
        observe("reco_recommend_duration", [("mode", slate.mode.rawValue)], duration)
        let source = slate.mode != .coldStart ? "personal" : slate.isFallback ? "popular" : "cold"
        count("reco_recommend_source", [("source", source)])
        count("reco_recommend_items", [], slate.items.count)
        for dependency in slate.degraded { count("reco_degraded_responses", [("dependency", dependency)]) }
        if let variant = slate.variant { count("reco_variant_answers", [("variant", variant)]) }
    }

    /// - Parameter serving: versions in service: where a variant's is not, its users get the current model, and count for none.
    func accepted(_ interactions: [Interaction], experiment: Experiment?, serving: @autoclosure () -> Set<ModelVersion>)
    {
        count("reco_events", [("result", "accepted")], interactions.count)
        guard let experiment else { return }
        let serving = serving()
        for interaction in interactions {
            // Kinds are the callers' words: a label for each would be theirs to fill the memory with.
            let kind = Self.knownKinds.contains(interaction.kind) ? interaction.kind.rawValue : "other"
            let variant = experiment.variant(of: interaction.user)
            if let model = variant.model, !serving.contains(model) { continue }
            count("reco_variant_events", [("variant", variant.name), ("kind", kind)])
        }
    }
    private static let knownKinds: Set<InteractionKind> = [.view, .click, .cart, .purchase, .rating, .dislike]

    /// Each dependency that is guarded: `up`, `degraded` (tried again now) or `down`; `nil` = none is.
    var dependencies: [String: String]? {
        let states = breakers.withLock { $0 }
        guard !states.isEmpty else { return nil }
        return Dictionary(
            uniqueKeysWithValues: states.map { dependency, state in
                (dependency.rawValue, state == .closed ? "up" : state == .open ? "down" : "degraded")
            })
    }

    func setBreaker(_ dependency: Dependency, _ state: CircuitBreaker.State) {
        breakers.withLock { $0[dependency] = state }
        gauge("reco_breaker_state", [("dependency", dependency.rawValue)], Double(state.rawValue))
    }

    func called(_ dependency: Dependency, _ operation: String, result: String, in duration: Duration) {
        observe("reco_dependency_call", [("operation", operation), ("result", result)], duration)
        gauge("reco_dependency_up", [("dependency", dependency.rawValue)], result == "ok" ? 1 : 0)
    }

    /// What the models and the process are like now; called by a scrape.
    func refresh(_ engine: RecommendationEngine, now: Timestamp) {
        registry.forget("reco_model_info")
        for model in engine.modelsInService {
            gauge(
                "reco_model_info", [("model_id", model.version.rawValue), ("current", model.isCurrent ? "1" : "0")], 1)
            if model.isCurrent {
                // As numbers that do not overflow: a manifest may hold any moment.
                let age = Double(now.milliseconds) - Double(model.created.milliseconds)
                gauge("reco_model_age_seconds", [], age / 1000)
            }
        }
        gauge("reco_impressions_dropped", [], Double(engine.droppedImpressions))
        gauge("reco_impressions_waiting", [], Double(engine.waitingImpressions))
        registry.refreshProcess()
    }
}
