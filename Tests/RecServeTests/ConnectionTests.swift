// What only a connection shows: for which host a request is, and whether its answers are taken.
import Foundation
import Testing

@testable import RecServe

@Suite struct ConnectionTests {
    private func request(_ path: String, host: String) -> String {
        "GET \(path) HTTP/1.1\r\nHost: \(host)\r\nConnection: close\r\n\r\n"
    }

    @Test func withoutKeysAForeignHostIsRefusedOnBothPorts() async throws {
        let shop = try await TestShop()
        let configuration = try ServerConfiguration(port: 0, admin: .init(port: 0), showsPage: true)
        try await LiveServer.run(shop, configuration) { server in
            for path in ["/", "/v1/users/user-1/recommendations", "/page/data/models", "/healthz"] {
                #expect(try await server.status(of: request(path, host: "evil.example:\(server.port)")) == 421)
                #expect(try await server.status(of: request(path, host: "localhost:\(server.port)")) == 200)
            }
            let operators = server.operatorsPort
            let foreign = try await server.status(of: request("/metrics", host: "evil.example"), port: operators)
            let own = try await server.status(of: request("/metrics", host: "127.0.0.1:\(operators)"), port: operators)
            #expect(foreign == 421 && own == 200)
        }
    }

    @Test func withKeysEveryHostIsServedAndTheOperatorsPortStaysThisMachinesOwn() async throws {
        let shop = try await TestShop()
        let file = try KeyFile([APIKey.make(name: "shop", scopes: [.recommend]).line])
        let configuration = try ServerConfiguration(
            port: 0, admin: .init(port: 0), keys: try KeyRing(path: file.path))
        try await LiveServer.run(shop, configuration) { server in
            let asked = request("/healthz", host: "shop.example")
            let callers = try await server.status(of: asked)
            let operators = try await server.status(of: asked, port: server.operatorsPort)
            #expect(callers == 200 && operators == 421)
        }
    }

    @Test func anOperatorsPortForOthersIsAskedByTheirName() async throws {
        let shop = try await TestShop()
        let configuration = try ServerConfiguration(port: 0, admin: .init(host: "0.0.0.0", port: 0))
        let status = try await LiveServer.run(shop, configuration) { server in
            try await server.status(of: request("/metrics", host: "serve:9090"), port: server.operatorsPort)
        }
        #expect(status == 200)
        #expect(shop.lines.all.contains { $0.hasPrefix("warning the operators' port listens on 0.0.0.0") })
    }

    @Test(.timeLimit(.minutes(2))) func aClientThatTakesNoAnswersIsClosed() async throws {
        let shop = try await TestShop()
        let configuration = try ServerConfiguration(
            port: 0, admin: .init(port: 0), takingDeadline: .milliseconds(50))
        try await LiveServer.run(shop, configuration) { server in
            let port = server.port
            // Requests fill what the system holds for the server once this waits for its answers to be taken.
            let asking = Array(
                String(repeating: "GET /openapi.json HTTP/1.1\r\nHost: localhost\r\n\r\n", count: 500).utf8)

            let failure = try await onAThread { try ClientSocket(port: port, receiveBuffer: 4096).pour(asking) }

            #expect([ECONNRESET, EPIPE].contains(failure), "error \(failure)")
            let operators = server.operatorsPort
            let figures = try await onAThread {
                try ClientSocket(port: operators).exchange(
                    Array("GET /metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".utf8))
            }
            #expect(String(decoding: figures, as: UTF8.self).contains("\nreco_slow_readers_total 1\n"))
        }
    }
}
