// Configuration, start-up errors, reloading, and the log of failures.
import Foundation
import Logging
import NIOCore
import RecCore
import Testing

@testable import RecServe

@Suite struct ServiceTests {
    @Test func everythingWrongWithAConfigurationIsToldAtOnce() throws {
        let error = #expect(throws: InvalidServerConfiguration.self) {
            try ServerConfiguration(host: "", port: 70_000, bodyBytes: 1, bodyDeadline: .zero)
        }

        #expect(error?.problems.count == 4)
    }

    @Test func defaultsAreSafe() throws {
        let configuration = try ServerConfiguration()

        #expect(configuration.host == "127.0.0.1" && configuration.port == 8080)
        #expect(configuration.bodyBytes == 65_536 && configuration.eventsPerBatch == 100)
        #expect(configuration.bodyDeadline == .seconds(2))
    }

    @Test func aTakenPortIsToldWithTheWayOut() throws {
        let error = try #require(
            ServerStartError(IOError(errnoCode: EADDRINUSE, reason: "bind"), host: "127.0.0.1", port: 8080))

        #expect(error.description.contains("127.0.0.1:8080"))
        #expect(error.description.contains("taken"))
        #expect(error.description.contains("--port"))
        #expect(ServerStartError(CancellationError(), host: "h", port: 1) == nil)
        let operators = ServerStartError(
            IOError(errnoCode: EACCES, reason: "bind"), host: "127.0.0.1", port: 81, prefix: "--admin-")
        #expect(operators?.description.contains("--admin-port") == true)
    }

    @Test func filesForTLSThatCannotBeReadAreNamed() async throws {
        let shop = try await TestShop()
        let folder = FileManager.default.temporaryDirectory.appending(path: "tls-\(UInt64.random(in: 0 ... .max))")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let (absent, noise) = (folder.path + "/absent.pem", folder.path + "/noise.pem")
        try Data("not a certificate".utf8).write(to: URL(filePath: noise))
        for path in [absent, noise] {
            let configuration = try ServerConfiguration(tls: .init(certificate: path, key: absent))
            let server = RecommendationServer(
                engine: shop.engine, configuration: configuration, metrics: ServerMetrics(), logger: shop.logger)
            let error = #expect(throws: ServerStartError.self) { _ = try server.application() }
            #expect(error?.description.contains(path) == true)
        }
    }

    @Test func impressionsThatAStopLosesAreTold() async throws {
        let shop = try await TestShop()
        for number in 0..<3 {
            _ = try await shop.engine.recommend(RecommendationRequest(), id: "r\(number)", now: TestShop.noon)
        }
        shop.stores.faults.fail("impressions.append", .unavailable)
        shop.engine.finishImpressions()

        try await ImpressionWriter(engine: shop.engine, logger: shop.logger, now: { TestShop.noon }).run()

        #expect(shop.lines.all.contains("error Impressions were lost since the start count=3"), "\(shop.lines.all)")
    }

    @Test func aNewModelIsTakenUp() async throws {
        let shop = try await TestShop()
        var cycle = ReloadCycle(served: shop.engine.modelVersion)
        try await shop.stores.models.publish(try TestShop.snapshot("v2"))

        await cycle.reload(shop.engine, logger: shop.logger)
        await cycle.reload(shop.engine, logger: shop.logger)

        #expect(shop.engine.modelVersion == ModelVersion("v2"))
        #expect(shop.lines.all.count == 1)
    }

    @Test func aBrokenModelIsLoggedOnceAndTheOldOneServesOn() async throws {
        let shop = try await TestShop()
        var cycle = ReloadCycle(served: shop.engine.modelVersion)
        try await shop.stores.models.publish(try TestShop.snapshot("v2"))
        shop.stores.faults.fail("models.load", .corrupt, times: .max, reason: "v2: bad hash")

        for _ in 0..<3 { await cycle.reload(shop.engine, logger: shop.logger) }
        let answer = try await shop.send(.get, "/v1/users/user-1/recommendations")

        #expect(shop.lines.all.count { $0.contains("Model not loaded") } == 1)
        #expect(shop.engine.modelVersion == ModelVersion("v1"))
        #expect(answer.status == .ok)
    }

    @Test func aBrokenModelIsNotReadAgainEveryRound() async throws {
        let shop = try await TestShop()
        var cycle = ReloadCycle(served: shop.engine.modelVersion)
        try await shop.stores.models.publish(try TestShop.snapshot("v2"))
        shop.stores.faults.fail("models.load", .corrupt)
        let before = shop.stores.faults.calls(of: "models.load")
        for _ in 0..<10 { await cycle.reload(shop.engine, logger: shop.logger) }
        #expect(shop.stores.faults.calls(of: "models.load") == before + 1)

        try await shop.stores.models.publish(try TestShop.snapshot("v3"))
        await cycle.reload(shop.engine, logger: shop.logger)
        #expect(shop.engine.modelVersion == ModelVersion("v3"))

        try await shop.stores.models.activate(try #require(ModelVersion("v2")))
        for _ in 0..<ReloadCycle.roundsBetweenTrials { await cycle.reload(shop.engine, logger: shop.logger) }
        #expect(shop.engine.modelVersion == ModelVersion("v2"))
    }

    @Test func theReloaderStopsWhenItIsCancelled() async throws {
        let shop = try await TestShop()
        let task = Task {
            try await ModelReloader(engine: shop.engine, clock: EndlessClock(), logger: shop.logger).run()
        }

        task.cancel()

        try await task.value
    }

    @Test func anOutageWritesALineAPeriodNotALineARequest() async throws {
        let shop = try await TestShop(isOpen: false)
        let log = FailureLog(shop.logger, period: 1000)
        let failure = StorageError(.unavailable, operation: "log.append", reason: "no connection")

        for step in 0..<21 {
            log.note(
                failure, code: "storage_unavailable",
                now: Timestamp(milliseconds: TestShop.noon.milliseconds + Int64(step) * 100))
        }

        #expect(shop.lines.all.count == 3)
        #expect(shop.lines.all.last?.contains("repeats=9") == true)
    }

    @Test func errorsOfUnknownTypesAreNotPrinted() async throws {
        struct Leaky: Error, CustomStringConvertible { var description: String { "user anna" } }
        let shop = try await TestShop(isOpen: false)

        FailureLog(shop.logger).note(Leaky(), code: "internal", now: TestShop.noon)
        let problem = ErrorMapping.problem(for: Leaky())

        #expect(problem.status == .internalServerError)
        #expect(!problem.detail.contains("anna"))
        #expect(shop.lines.all.count == 1)
        #expect(!shop.lines.all.contains { $0.contains("anna") })
    }
}
