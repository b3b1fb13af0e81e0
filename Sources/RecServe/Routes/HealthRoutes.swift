// Routes for probes.
import HTTPTypes
import Hummingbird
import RecCore

struct HealthRoutes: Sendable {
    let engine: RecommendationEngine

    private struct Health: Encodable {
        let status: String
        var modelVersion: String?
        enum CodingKeys: String, CodingKey {
            case status
            case modelVersion = "model_version"
        }
    }

    var endpoints: [Endpoint] {
        [
            // Touches nothing: a probe that asks the stores turns one outage into two.
            Endpoint(method: .get, path: "/healthz", summary: "the process is alive") { _, _ in
                .json(Health(status: "alive"))
            },
            Endpoint(method: .get, path: "/readyz", summary: "a model is loaded") { _, _ in
                guard let version = engine.modelVersion else { throw RecommendationError.noModel }
                return .json(Health(status: "ready", modelVersion: version.rawValue))
            },
        ]
    }
}
