// Several models in service: variants, activation, items that join them.
import RecCore
import RecTesting
import Testing

@Suite struct EngineModelTests {
    private let now = PlantedShop().end

    private func versions(_ names: [String], _ experiment: Experiment?) async throws -> (
        InMemoryStores, RecommendationEngine
    ) {
        let stores = InMemoryStores()
        for (place, name) in names.enumerated() {
            try await stores.models.publish(
                try PlantedShop(seed: UInt64(place)).snapshot(
                    name, created: Timestamp(milliseconds: now.milliseconds + Int64(place))))
        }
        var configuration = RecommendationEngine.Configuration()
        configuration.experiment = experiment
        let engine = stores.engine(configuration)
        try await engine.reload()
        try await engine.loadExperiment()
        return (stores, engine)
    }

    @Test func variantsAnswerWithTheirModels() async throws {
        let experiment = try Experiment(
            name: "x",
            variants: [
                .init(name: "old", share: 1, model: ModelVersion("v1")), .init(name: "new", share: 1),
            ])
        let (_, engine) = try await versions(["v1", "v2"], experiment)

        for number in 0..<40 {
            let user = UserID("u\(number)")
            let answer = try await engine.recommend(RecommendationRequest(user: user), id: "1", now: now)
            #expect(answer.variant == experiment.variant(of: user).name)
            #expect(answer.modelVersion.rawValue == (answer.variant == "old" ? "v1" : "v2"))
        }
        let nobody = try await engine.recommend(RecommendationRequest(), id: "2", now: now)
        #expect(nobody.variant == nil && nobody.modelVersion.rawValue == "v2")
    }

    @Test func requestMayAskForAVersionThatIsInService() async throws {
        let experiment = try Experiment(
            name: "x", variants: [.init(name: "a", share: 1, model: ModelVersion("v1")), .init(name: "b", share: 1)])
        let (_, engine) = try await versions(["v1", "v2"], experiment)
        var request = RecommendationRequest(user: UserID("u1"))
        for version in ["v1", "v2"] {
            request.model = ModelVersion(version)
            let answer = try await engine.recommend(request, id: "1", now: now)
            #expect(answer.modelVersion.rawValue == version && answer.variant == nil)
        }
        request.model = ModelVersion("v3")
        await #expect(throws: RecommendationError.self) {
            try await engine.recommend(request, id: "1", now: now)
        }
    }

    @Test func itemsThatAreAddedReachEveryModelInService() async throws {
        let experiment = try Experiment(
            name: "x", variants: [.init(name: "a", share: 1, model: ModelVersion("v1")), .init(name: "b", share: 1)])
        let (_, engine) = try await versions(["v1", "v2"], experiment)

        try await engine.upsertItems([CatalogItem(id: ItemID("new"), attributes: ["group": "odd"])])

        for version in ["v1", "v2"] {
            var request = RecommendationRequest(user: UserID("u1"), limit: 50)
            request.model = ModelVersion(version)
            #expect(
                try await engine.recommend(request, id: "1", now: now).items.map(\.item).contains(ItemID("new")))
        }
    }

    @Test func activationAndStepBackChangeTheAnsweringVersion() async throws {
        let (stores, engine) = try await versions(["v1", "v2", "v3"], nil)
        #expect(try await engine.rollBack().rawValue == "v2")
        #expect(engine.modelVersion?.rawValue == "v2")
        try await engine.activate(try #require(ModelVersion("v3")))
        #expect(engine.modelVersion?.rawValue == "v3")
        #expect(try await stores.models.current()?.rawValue == "v3")
        #expect(engine.modelsInService.map(\.version.rawValue) == ["v3"])
        try await engine.activate(try #require(ModelVersion("v1")))
        await #expect(throws: StorageError.self) { try await engine.rollBack() }
    }

    @Test func versionThatIsNotGoodIsNotActivatedAnywhere() async throws {
        let (stores, engine) = try await versions(["v1", "v2"], nil)
        stores.faults.fail("models.load", .corrupt)

        await #expect(throws: StorageError.self) { try await engine.activate(try #require(ModelVersion("v1"))) }

        #expect(engine.modelVersion?.rawValue == "v2")
        #expect(try await stores.models.current()?.rawValue == "v2")
    }

    @Test func versionsAskedForStayBesideTheCurrentOneAndTheOldestGoes() async throws {
        let (_, engine) = try await versions(["v1", "v2", "v3", "v4"], nil)
        for name in ["v1", "v2", "v3"] {
            let version = try #require(ModelVersion(name))
            try await engine.serveBeside(version)
        }
        #expect(engine.modelsInService.map(\.version.rawValue) == ["v2", "v3", "v4"])
        try await engine.activate(try #require(ModelVersion("v3")))
        #expect(engine.modelsInService.map(\.version.rawValue) == ["v2", "v3"])
        let unknown = try #require(ModelVersion("v9"))
        await #expect(throws: StorageError.self) { try await engine.serveBeside(unknown) }
    }

    @Test func activationThatItsStoreRefusesLeavesNothingBehind() async throws {
        let (stores, engine) = try await versions(["v1", "v2"], nil)
        stores.faults.fail("models.activate", .unavailable)
        await #expect(throws: StorageError.self) { try await engine.activate(try #require(ModelVersion("v1"))) }
        #expect(engine.modelsInService.map(\.version.rawValue) == ["v2"])
    }
}
