// The port of a program that serves nothing but its figures.
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Logging
import RecCore
import ServiceLifecycle
import Testing

@testable import RecServe

@Suite struct FiguresServerTests {
    private let silent = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    private func ask(
        _ uri: String, _ method: HTTPRequest.Method = .get, of metrics: StreamMetrics = StreamMetrics()
    ) async throws -> TestResponse {
        let server = try FiguresServer(.init(port: 0), metrics: metrics, logger: silent)
        return try await server.application().test(.router) { client in
            try await client.execute(uri: uri, method: method)
        }
    }

    /// Runs one while `body` asks it over sockets. - Returns: what it logged.
    @discardableResult
    private func live(
        _ host: String = "127.0.0.1", _ body: (_ port: Int) async throws -> Void
    ) async throws -> [String] {
        let (ports, told) = AsyncStream.makeStream(of: Int.self)
        let lines = LogLines()
        let server = try FiguresServer(
            .init(host: host, port: 0), metrics: StreamMetrics(), logger: Logger(label: "test") { _ in lines },
            whenListening: { told.yield($0) })
        let group = ServiceGroup(services: [server], logger: silent)
        let running = Task {
            // One that cannot start ends the wait for its port.
            defer { told.finish() }
            try await group.run()
        }
        if let port = await ports.first(where: { _ in true }) {
            do { try await body(port) } catch {
                running.cancel()
                throw error
            }
            await group.triggerGracefulShutdown()
        } else {
            Issue.record("it does not listen")
        }
        try await running.value
        return lines.all
    }

    @Test func whatTheProcessorDidIsTold() async throws {
        let metrics = StreamMetrics()
        var report = StreamReport()
        (report.batches, report.events, report.added) = (2, 2500, 2400)
        metrics.done(report)
        for code in [StorageError.Code.unavailable, .unavailable, .timeout] {
            metrics.failed(StorageError(code, operation: "sessions.add", reason: "away"))
        }
        metrics.behind(1234)
        metrics.putAside(4)

        let answer = try await ask("/metrics", of: metrics)
        let lines = Set(String(buffer: answer.body).split(separator: "\n").map(String.init))

        // The log cannot be asked any more.
        metrics.behind(nil)
        let later = String(buffer: try await ask("/metrics", of: metrics).body)

        #expect(!later.contains("\nreco_stream_lag_events "))
        #expect(answer.status == .ok)
        #expect(answer.headers[.contentType]?.hasPrefix("text/plain; version=0.0.4") == true)
        #expect(
            lines.isSuperset(of: [
                "reco_stream_events_total 2500", "reco_stream_batches_total 2", "reco_stream_added_total 2400",
                "reco_stream_dead_letters_total 4", "reco_stream_lag_events 1234",
                #"reco_stream_failures_total{reason="unavailable"} 2"#,
                #"reco_stream_failures_total{reason="timeout"} 1"#,
                "# TYPE reco_stream_events_total counter", "# TYPE reco_stream_lag_events gauge",
                #"reco_build_info{version="\#(PlatformVersion.text)"} 1"#,
            ]))
    }

    @Test func countersExistFromTheStartAndALagThatNobodyKnowsDoesNot() async throws {
        let text = String(buffer: try await ask("/metrics").body)

        for name in ["events", "batches", "added", "dead_letters"] {
            #expect(text.contains("reco_stream_\(name)_total 0\n"))
        }
        #expect(text.contains(#"reco_stream_failures_total{reason="unavailable"} 0"#))
        #expect(!text.contains("\nreco_stream_lag_events "))
        // Nothing of a server, whose alerts would wait for it.
        #expect(!text.contains("reco_http") && !text.contains("reco_events_total"))
    }

    @Test func itIsAliveListsItsRoutesAndHasNothingElse() async throws {
        #expect(String(buffer: try await ask("/healthz").body) == #"{"status":"alive"}"#)
        let list = String(buffer: try await ask("/").body)
        #expect(list.contains("/metrics") && !list.contains("/v1"))
        #expect(try await ask("/v1/events", .post).status == .notFound)
        let wrong = try await ask("/metrics", .post)
        #expect(wrong.status == .methodNotAllowed && wrong.headers[.allow] == "GET, HEAD")
        #expect(wrong.headers[.contentType] == "application/problem+json")
    }

    @Test func onLoopbackAForeignHostIsRefused() async throws {
        try await live { port in
            for (host, status) in [("localhost", "200"), ("evil.example", "421")] {
                let answer = try await onAThread {
                    try ClientSocket(port: port).exchange(
                        Array("GET /metrics HTTP/1.1\r\nHost: \(host)\r\nConnection: close\r\n\r\n".utf8))
                }
                #expect(String(decoding: answer.prefix(12), as: UTF8.self) == "HTTP/1.1 \(status)")
            }
        }
    }

    @Test(arguments: [("127.0.0.1", false), ("0.0.0.0", true)])
    func anAddressThatOthersReachIsWarnedOf(_ host: String, _ isWarnedOf: Bool) async throws {
        let lines = try await live(host) { _ in }
        #expect(lines.contains { $0.hasPrefix("warning the operators' port listens on") } == isWarnedOf)
    }

    @Test func anAddressThatNobodyCanTakeIsTold() async throws {
        for address in [ServerConfiguration.AdminAddress(port: 70_000), .init(host: "a b", port: 1)] {
            #expect(throws: InvalidServerConfiguration.self) {
                try FiguresServer(address, metrics: StreamMetrics(), logger: silent)
            }
        }
        try await live { port in
            let second = try FiguresServer(.init(port: port), metrics: StreamMetrics(), logger: silent)
            let error = await #expect(throws: ServerStartError.self) { try await second.run() }
            #expect(error?.description.contains("choose another with --admin-port") == true)
        }
    }
}
