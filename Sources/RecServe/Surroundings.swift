// What every route may use.
import RecCore

struct Surroundings: Sendable {
    let engine: RecommendationEngine
    let configuration: ServerConfiguration
    let metrics: ServerMetrics
    let drain: Drain
    let failures: FailureLog
    /// The moment of a request.
    let now: @Sendable () -> Timestamp
    /// A new name for a recommendation, an event or a request.
    let makeID: @Sendable () -> String
}
