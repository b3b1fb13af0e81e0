// A shop in memory with a small trained model, and a server around it whose time and ids are given.
import Foundation
import Hummingbird
import HummingbirdTesting
import Logging
import RecCore
import RecTesting
import Synchronization
import Testing

@testable import RecServe

/// Two groups of taste: users of the even group take items `even-*`, those of the odd group `odd-*`; one item is named `a/b c%`.
struct TestShop {
    static let noon = Timestamp(milliseconds: 1_772_366_400_000)  // 2026-03-01T12:00:00Z
    /// No time passes for rates.
    private static let instant = ContinuousClock.now
    let stores = InMemoryStores()
    let engine: RecommendationEngine
    let logger: Logger
    let lines = LogLines()

    /// - Parameter isOpen: whether a model is published and loaded.
    init(isOpen: Bool = true, configuration: RecommendationEngine.Configuration = .init()) async throws {
        engine = stores.engine(configuration)
        let lines = lines
        var logger = Logger(label: "test") { _ in lines }
        logger.logLevel = .trace
        self.logger = logger
        guard isOpen else { return }
        try await stores.models.publish(try Self.snapshot("v1"))
        try await engine.reload()
        try await engine.loadExperiment()
    }

    static func snapshot(_ version: String) throws -> ModelSnapshot {
        var builder = HistoryBuilder()
        for user in 0..<24 {
            for step in 0..<5 {
                let group = user % 2 == 0 ? "even" : "odd"
                let item = step == 4 && group == "even" ? "a/b c%" : "\(group)-\((user / 2 + step) % 6)"
                builder.add(
                    try Interaction(
                        user: UserID("user-\(user)"), item: ItemID(item), kind: .purchase,
                        timestamp: Timestamp(
                            milliseconds: noon.milliseconds - Int64(step + 1) * Timestamp.millisecondsPerDay)))
            }
        }
        let options = TrainingOptions(
            als: try ALSConfiguration(dimension: 4, sweeps: 4), neighbours: 10, repeats: true,
            weights: .standard, strangers: .standard)
        return try TrainingPipeline(options).train(
            builder, attributes: [:], version: try #require(ModelVersion(version)), created: noon)
    }

    func server(_ configuration: ServerConfiguration? = nil) throws -> RecommendationServer {
        let count = Mutex(0)
        return RecommendationServer(
            engine: engine, configuration: try configuration ?? ServerConfiguration(), logger: logger,
            now: { Self.noon },
            makeID: {
                count.withLock { count in
                    count += 1
                    return "id-\(count)"
                }
            },
            clock: EndlessClock(), instant: { Self.instant })
    }

    /// Sends one request to the router, without a socket.
    func send(
        _ method: HTTPRequest.Method, _ uri: String, _ body: String? = nil, headers: HTTPFields = [:]
    ) async throws -> TestResponse {
        try await send(method, uri, bytes: body.map { Array($0.utf8) }, headers: headers)
    }

    func send(
        _ method: HTTPRequest.Method, _ uri: String, bytes: [UInt8]?, headers: HTTPFields = [:]
    ) async throws -> TestResponse {
        try await server().application().test(.router) { client in
            try await client.execute(
                uri: uri, method: method, headers: headers, body: bytes.map { ByteBuffer(bytes: $0) })
        }
    }
}

/// Keeps what was logged.
final class LogLines: LogHandler, Sendable {
    private let held = Mutex<[String]>([])
    var all: [String] { held.withLock { $0 } }
    var metadata: Logger.Metadata {
        get { [:] }
        set {}
    }
    var logLevel: Logger.Level {
        get { .trace }
        set {}
    }
    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { nil }
        set {}
    }
    func log(event: LogEvent) {
        let fields = (event.metadata ?? [:]).map { "\($0.key)=\($0.value)" }.sorted().joined(separator: " ")
        held.withLock { $0.append("\(event.level) \(event.message) \(fields)") }
    }
}

/// A clock on which no time passes: deadlines are never reached.
struct EndlessClock: Clock {
    var now: ContinuousClock.Instant { .now }
    var minimumResolution: Duration { .zero }
    func sleep(until deadline: ContinuousClock.Instant, tolerance: Duration?) async throws {
        let (stream, end) = AsyncStream.makeStream(of: Never.self)
        // Ends when the task is cancelled.
        for await _ in stream {}
        end.finish()
        try Task.checkCancellation()
    }
}

/// A clock on which every deadline has passed.
struct HastyClock: Clock {
    var now: ContinuousClock.Instant { .now }
    var minimumResolution: Duration { .zero }
    func sleep(until deadline: ContinuousClock.Instant, tolerance: Duration?) async throws {
        try Task.checkCancellation()
    }
}

// MARK: - What answers hold

struct AnswerBody: Decodable {
    struct Item: Decodable {
        let id: String
        let score: Double
        let rank: Int
        let propensity: Double
        let reason: String
    }
    let recommendationId: String
    let modelVersion: String
    let mode: String
    let policy: String
    let variant: String?
    let items: [Item]
    let fallback: Bool
    let unknownItems: [String]
    let degraded: [String]
}

struct AcceptedBody: Decodable, Equatable {
    let accepted: Int
    let eventIds: [String]
}

struct ProblemBody: Decodable {
    struct Fault: Decodable, Equatable {
        var pointer: String?
        var parameter: String?
        let detail: String
    }
    let type: String
    let title: String
    let status: Int
    let code: String
    let detail: String
    let errors: [Fault]?
    let requestId: String
    var pointers: [String] { (errors ?? []).compactMap(\.pointer) }
}

extension TestResponse {
    func decoded<Body: Decodable>(_ type: Body.Type = Body.self) throws -> Body {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        return try decoder.decode(type, from: Data(body.readableBytesView))
    }
    func problem() throws -> ProblemBody { try decoded() }
}
