// Routes for probes and scrapes.
import HTTPTypes
import Hummingbird
import RecCore

struct HealthRoutes: Sendable {
    let surroundings: Surroundings
    private var engine: RecommendationEngine { surroundings.engine }

    /// Of the port that everyone may reach.
    var endpoints: [Endpoint] {
        [
            .alive,
            // A store that is away does not take a server out of the balancer: it answers without it.
            Endpoint(
                method: .get, path: "/readyz", summary: "a model is loaded, and the server is not about to stop",
                scope: nil, answers: [Health.answer]
            ) { _, _ in
                guard !surroundings.drain.isDraining else {
                    throw Problem(
                        status: .serviceUnavailable, code: "draining", detail: "the server is about to stop")
                }
                guard let version = engine.modelVersion else { throw RecommendationError.noModel }
                return .json(
                    Health(
                        status: "ready", modelVersion: version.rawValue,
                        dependencies: surroundings.metrics.dependencies))
            },
        ]
    }

    /// Of the operators' port.
    var operatorEndpoints: [Endpoint] {
        endpoints + [
            .metrics {
                surroundings.metrics.refresh(engine, now: surroundings.now())
                return surroundings.metrics.registry.text
            },
            Endpoint(
                method: .get, path: "/version", summary: "which server and which model this is", scope: nil,
                answers: [.init(status: 200, text: "both", schema: ["type": "object"])]
            ) { _, _ in
                .json(
                    JSONValue.object([
                        "version": .string(PlatformVersion.text),
                        "models": .array(engine.modelsInService.map { .string($0.version.rawValue) }),
                        "model_version": engine.modelVersion.map { .string($0.rawValue) } ?? .null,
                    ]))
            },
        ]
    }
}

private struct Health: Encodable {
    let status: String
    var modelVersion: String?
    var dependencies: [String: String]?
    enum CodingKeys: String, CodingKey {
        case status, dependencies
        case modelVersion = "model_version"
    }
    static let answer = Endpoint.Answer(status: 200, text: "yes", schema: Schemas.reference("Health"))
}

extension Endpoint {
    /// Touches nothing: a probe that asks the stores turns one outage into two.
    static var alive: Endpoint {
        Endpoint(
            method: .get, path: "/healthz", summary: "the process is alive", scope: nil, answers: [Health.answer]
        ) { _, _ in .json(Health(status: "alive")) }
    }

    /// - Parameter text: the figures of now.
    static func metrics(_ text: @escaping @Sendable () -> String) -> Endpoint {
        Endpoint(
            method: .get, path: "/metrics", summary: "figures for Prometheus", scope: nil,
            answers: [.init(status: 200, text: "text format 0.0.4", schema: ["type": "string"], type: "text/plain")]
        ) { _, _ in
            Response(
                status: .ok, headers: [.contentType: "text/plain; version=0.0.4; charset=utf-8"],
                body: ResponseBody(byteBuffer: ByteBuffer(string: text())))
        }
    }
}
