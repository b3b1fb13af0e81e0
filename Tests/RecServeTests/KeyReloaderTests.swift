// What becomes of the keys when their file is emptied, removed or spoiled.
import Foundation
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Testing

@testable import RecServe

@Suite struct KeyReloaderTests {
    private struct Watched {
        let shop: TestShop
        let file: KeyFile
        let key: String
        let ring: KeyRing
        let metrics = ServerMetrics()
        var look: KeyLook

        init() async throws {
            shop = try await TestShop(isOpen: false)
            let made = APIKey.make(name: "shop", scopes: [.recommend])
            (file, key) = (try KeyFile([made.line]), made.key)
            ring = try KeyRing(path: file.path)
            look = KeyLook(ring: ring, metrics: metrics)
            line = made.line
        }
        let line: String

        mutating func looks(_ count: Int) { for _ in 0..<count { look.reload(shop.logger) } }
        var isGood: Bool { ring.key(for: key) != nil }
        var errors: [String] { shop.lines.all.filter { $0.hasPrefix("error") } }
    }

    @Test(arguments: [["", "# nobody"], []])
    func aFileWithoutKeysRevokesThemAllAtTheSecondLook(lines: [String]) async throws {
        var watched = try await Watched()
        if lines.isEmpty {
            try FileManager.default.removeItem(atPath: watched.file.path)
        } else {
            try watched.file.write(lines)
        }

        watched.looks(1)
        #expect(watched.isGood && watched.errors.isEmpty)
        watched.looks(1)
        #expect(!watched.isGood)
        watched.looks(5)

        #expect(watched.errors.count == 1 && watched.errors[0].contains("No key is good any more"))
        let figures = watched.metrics.registry.text
        #expect(figures.contains("\nreco_keys 0\n"))
        #expect(
            figures.contains("reco_key_file_failures_total{reason=\"\(lines.isEmpty ? "gone" : "empty")\"} 7"))

        try watched.file.write([watched.line])
        watched.looks(1)
        #expect(watched.isGood && watched.shop.lines.all.last?.contains("Keys read again") == true)
        #expect(watched.metrics.registry.text.contains("\nreco_keys 1\n"))
    }

    @Test func aFileThatIsEmptyForAMomentWhileItIsWrittenShutsNobodyOut() async throws {
        var watched = try await Watched()
        for _ in 0..<3 {
            try watched.file.write([])
            watched.looks(1)
            try watched.file.write([watched.line])
            watched.looks(1)
        }

        #expect(watched.isGood && watched.errors.isEmpty)
    }

    @Test func aFileThatCannotBeReadKeepsTheKeysHoweverLong() async throws {
        var watched = try await Watched()
        try watched.file.write(["torn li"])
        watched.looks(5)
        #expect(watched.isGood)
        #expect(watched.errors.count == 1 && watched.errors[0].contains("those of before stay"))

        try watched.file.write([])
        watched.looks(1)
        try watched.file.write(["torn li"])
        watched.looks(1)
        try watched.file.write([])
        watched.looks(1)
        #expect(watched.isGood)
        watched.looks(1)
        #expect(!watched.isGood)
    }

    @Test func whoseKeyWasRevokedIsRefused() async throws {
        let watched = try await Watched()
        watched.ring.revokeAll()
        let configuration = try ServerConfiguration(keys: watched.ring)
        let response = try await watched.shop.server(configuration).application().test(.router) { client in
            try await client.execute(
                uri: "/v1/users/u/recommendations", method: .get, headers: [.apiKey: watched.key])
        }
        #expect(response.status == .unauthorized)
    }
}
