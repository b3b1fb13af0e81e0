// The host rule, and the size and time of bodies.
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Logging
import Synchronization
import Testing

@testable import RecServe

/// A context without a connection, that remembers whether one would have been closed.
private struct BareContext: ConnectionContext {
    struct Source: RequestContextSource { let logger: Logger }
    final class Closings: Sendable { let count = Mutex(0) }
    var coreContext: CoreRequestContextStorage
    var requestID = "r"
    var trace = TraceParent.none
    var key: APIKey?
    var remoteAddress: String { "local" }
    let closings = Closings()
    init(source: Source) { coreContext = .init(source: source) }
    func closeConnection() { closings.count.withLock { $0 += 1 } }
}

private struct NullWriter: ResponseBodyWriter {
    func write(_ buffer: ByteBuffer) async throws {}
    consuming func finish(_ trailingHeaders: HTTPFields?) async throws {}
}

@Suite struct MiddlewareTests {
    private let context = BareContext(source: .init(logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }))

    private func request(
        host: String? = "shop", headers: HTTPFields = [:], body: RequestBody = RequestBody(buffer: ByteBuffer())
    ) -> Request {
        Request(
            head: HTTPRequest(method: .post, scheme: "http", authority: host, path: "/", headerFields: headers),
            body: body)
    }

    private func bodyMiddleware(_ clock: any Clock<Duration> = EndlessClock()) -> BodyMiddleware<BareContext> {
        BodyMiddleware(limit: 10, deadline: .seconds(2), clock: clock)
    }

    @Test(arguments: [nil, ""])
    func aRequestWithoutHostIsRefused(host: String?) async throws {
        let problem = await #expect(throws: Problem.self) {
            try await HostMiddleware().handle(request(host: host), context: context) { _, _ in Response(status: .ok) }
        }

        #expect(problem?.status == .badRequest)
        #expect(problem?.code == "no_host")
    }

    @Test(arguments: [
        "localhost", "LOCALHOST:8080", "127.0.0.1", "127.0.0.1:1", "127.9.9.9:65535", "[::1]", "[::1]:8080",
        "localhost:",
    ])
    func thisMachinesOwnNamesAreServedWithoutKeys(host: String) async throws {
        let response = try await HostMiddleware(isLoopbackOnly: true)
            .handle(request(host: host), context: context) { _, _ in Response(status: .ok) }

        #expect(response.status == .ok)
    }

    @Test(arguments: [
        "evil.example", "evil.example:8080", "localhost.evil.example", "127.0.0.1.evil.example", "evil-localhost",
        "0.0.0.0", "0.0.0.0:8080", "192.168.1.7", "127.0.0", "127.0.0.256", "127.+1.0.1", "[::]", "[::2]:80", "::1",
        "[::1", "localhost:80:80", "localhost:x", "anna@localhost", "localhost, evil.example", ":8080",
    ])
    func anyOtherHostIsRefusedWithoutKeysAndServedWithThem(host: String) async throws {
        let problem = await #expect(throws: Problem.self) {
            try await HostMiddleware(isLoopbackOnly: true)
                .handle(request(host: host), context: context) { _, _ in Response(status: .ok) }
        }
        let response = try await HostMiddleware()
            .handle(request(host: host), context: context) { _, _ in Response(status: .ok) }

        #expect(problem?.status == .misdirectedRequest && problem?.code == "foreign_host")
        #expect(problem?.detail.contains("evil") == false)
        #expect(response.status == .ok)
    }

    @Test func aBodyThatSaysItIsTooLargeIsNotRead() async throws {
        let (body, source) = RequestBody.makeStream()

        let problem = await #expect(throws: Problem.self) {
            try await bodyMiddleware().handle(
                request(headers: [.contentLength: "10000000000"], body: body), context: context
            ) { _, _ in Response(status: .ok) }
        }

        #expect(problem?.status == .contentTooLarge)
        #expect(problem?.closesConnection == true)
        source.finish()
    }

    @Test func aBodyThatTurnsOutTooLargeIsCutOff() async throws {
        let (body, source) = RequestBody.makeStream()
        await source.yield(ByteBuffer(string: "123456"))
        await source.yield(ByteBuffer(string: "789012"))

        let problem = await #expect(throws: Problem.self) {
            try await bodyMiddleware().handle(
                request(headers: [.transferEncoding: "chunked"], body: body), context: context
            ) { _, _ in Response(status: .ok) }
        }

        #expect(problem?.code == "body_too_large")
        source.finish()
    }

    @Test func aBodyThatNeverEndsMeetsItsDeadline() async throws {
        let (body, source) = RequestBody.makeStream()
        await source.yield(ByteBuffer(string: "1"))

        let problem = await #expect(throws: Problem.self) {
            try await bodyMiddleware(HastyClock()).handle(
                request(headers: [.contentLength: "5"], body: body), context: context
            ) { _, _ in Response(status: .ok) }
        }

        #expect(problem?.status == .requestTimeout)
        #expect(problem?.closesConnection == true)
        source.finish()
    }

    @Test func aBodyThatEndsEarlyIsNotTakenForAWholeOne() async throws {
        let problem = await #expect(throws: Problem.self) {
            try await bodyMiddleware().handle(
                request(headers: [.contentLength: "9"], body: RequestBody(buffer: ByteBuffer(string: "{}"))),
                context: context
            ) { _, _ in Response(status: .ok) }
        }

        #expect(problem?.code == "body_broken")
    }

    @Test func aWholeBodyReachesTheRoute() async throws {
        let (body, source) = RequestBody.makeStream()
        await source.yield(ByteBuffer(string: "12345"))
        await source.yield(ByteBuffer(string: "67890"))
        source.finish()

        let response = try await bodyMiddleware().handle(
            request(headers: [.contentLength: "10"], body: body), context: context
        ) { request, _ in
            Response(status: .ok, body: .init(byteBuffer: try await request.body.collect(upTo: 10)))
        }

        #expect(response.body.contentLength == 10)
    }

    @Test func theConnectionIsClosedBehindACutOffBody() async throws {
        let shop = try await TestShop(isOpen: false)
        let middleware = ProblemMiddleware<BareContext>(
            table: EndpointTable([]), failures: FailureLog(shop.logger), metrics: ServerMetrics(),
            now: { TestShop.noon })

        let response = try await middleware.handle(request(), context: context) { _, _ in
            throw Problem(status: .requestTimeout, code: "body_too_slow", detail: "late", closesConnection: true)
        }
        try await response.body.write(NullWriter())

        #expect(response.headers[.connection] == "close")
        #expect(context.closings.count.withLock { $0 } == 1)
    }

    @Test func bodiesOverTheLimitGet413ThroughTheWholeServer() async throws {
        let shop = try await TestShop()
        let fits = #"{"user":"u"}"# + String(repeating: " ", count: 64 * 1024 - 12)

        let whole = try await shop.send(.post, "/v1/recommendations", fits)
        let over = try await shop.send(.post, "/v1/recommendations", fits + " ")
        let onGet = try await shop.send(.get, "/healthz", fits + " ")

        #expect(whole.status == .ok)
        #expect(over.status == .contentTooLarge)
        #expect(onGet.status == .contentTooLarge)
        #expect(try over.problem().code == "body_too_large")
    }
}
