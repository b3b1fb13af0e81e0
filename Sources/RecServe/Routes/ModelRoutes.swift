// Routes that show the published models and change which one answers.
import HTTPTypes
import Hummingbird
import RecCore

struct ModelRoutes: Sendable {
    let surroundings: Surroundings
    private var engine: RecommendationEngine { surroundings.engine }

    private static let serving = Endpoint.Answer(
        status: 200, text: "the version that answers now", schema: Schemas.reference("Serving"))

    var endpoints: [Endpoint] {
        [
            Endpoint(
                method: .get, path: "/v1/models", summary: "published versions, newest first", scope: .admin,
                answers: [.init(status: 200, text: "all of them", schema: Schemas.reference("Models"))]
            ) { _, _ in
                let inService = Set(engine.modelsInService.map(\.version))
                return .json(ModelsWire(try await engine.publishedModels(), inService: inService))
            },
            Endpoint(
                method: .post, path: "/v1/models/{version}/activate",
                summary:
                    "make a version current, for every server that follows the store; one that is not good is refused",
                scope: .admin, answers: [Self.serving], problems: [404, 422]
            ) { _, context in
                guard let version = ModelVersion(try context.identifier("version")) else {
                    throw Problem.invalid("is not the name of a version", parameter: "version")
                }
                return try await switching("models.activate", context, model: version) {
                    () async throws(StorageError) in
                    try await engine.activate(version)
                    return version
                }
            },
            Endpoint(
                method: .post, path: "/v1/models/rollback",
                summary: "make the version current that was published before the current one", scope: .admin,
                answers: [Self.serving], problems: [404, 422]
            ) { _, context in
                try await switching("models.rollback", context) { () async throws(StorageError) in
                    try await engine.rollBack()
                }
            },
        ]
    }

    private func switching(
        _ operation: String, _ context: ServeContext, model: ModelVersion? = nil,
        _ body: () async throws(StorageError) -> ModelVersion
    ) async throws -> Response {
        do {
            let version = try await context.noting(operation, model: model, modelOf: { $0 }, body)
            surroundings.metrics.loaded(nil)
            return .json(ServingWire(modelVersion: version.rawValue))
        } catch let error as StorageError {
            surroundings.metrics.loaded(error)
            surroundings.failures.note(
                error, code: "model_not_activated", requestID: context.requestID, now: surroundings.now())
            throw error
        }
    }
}

extension ServerMetrics {
    /// A version was taken into service, or was not.
    func loaded(_ error: StorageError?) {
        count("reco_model_loads", [("result", error == nil ? "done" : "failed")])
        if let error { count("reco_model_load_failures", [("reason", "\(error.code)")]) }
    }
}

/// Published versions.
private struct ModelsWire: Encodable {
    struct Model: Encodable {
        let version: String
        let created: String
        let current: Bool
        let inService: Bool
        enum CodingKeys: String, CodingKey {
            case version, created, current
            case inService = "in_service"
        }
    }
    let models: [Model]

    init(_ models: [ModelSummary], inService: Set<ModelVersion>) {
        self.models = models.map {
            Model(
                version: $0.version.rawValue, created: $0.created.iso8601, current: $0.isCurrent,
                inService: inService.contains($0.version))
        }
    }
}

/// Which version answers.
private struct ServingWire: Encodable {
    let modelVersion: String
    enum CodingKeys: String, CodingKey { case modelVersion = "model_version" }
}
