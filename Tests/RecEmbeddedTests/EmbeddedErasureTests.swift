// A person is forgotten: in every port of the store file, and in its bytes.
import Foundation
import GRDB
import RecCore
import RecEmbedded
import RecTesting
import Testing

@Suite struct EmbeddedErasureTests {
    @Test func onePersonIsForgotten() async throws {
        let folder = EmbeddedStoreTests.Folder()
        try await PersonalDataContract.verifyHistory { try await folder.store().history }
        try await PersonalDataContract.verifyWindows { try await folder.store().sessions }
        try await PersonalDataContract.verifyImpressions { try await folder.store().impressions }
    }

    @Test func nothingOfAnErasedPersonIsInTheFilesAndOtherProcessesNoticeIt() async throws {
        let folder = EmbeddedStoreTests.Folder()
        let (one, other) = (try await EmbeddedStore(folder: folder.path), try await EmbeddedStore(folder: folder.path))
        func events(_ user: String, _ range: Range<Int>) throws -> [Interaction] {
            try range.map {
                try Interaction(
                    event: EventID("event-of-\(user)-\($0)"), user: UserID(user), item: ItemID("item"), kind: .view,
                    timestamp: Timestamp(milliseconds: Int64($0)))
            }
        }
        let (anna, bert) = (try events("anna-secret", 0..<40), try events("bert", 0..<40))
        _ = try await one.history.append(zip(anna, bert).flatMap { [$0, $1] })
        try await one.log.append(anna)
        _ = try await one.sessions.record(anna)
        let profile = UserProfile(id: UserID("anna-secret"), attributes: ["street": "anna-secret-street"])
        try await one.users.upsert([profile])
        try await one.impressions.append([
            Impression(
                recommendation: "shown", user: UserID("anna-secret"), modelVersion: try #require(ModelVersion("v1")),
                policy: "greedy", mode: "auto", timestamp: Timestamp(milliseconds: 1), seed: 1, items: [ItemID("item")],
                logPropensities: [0], offset: 0, length: 1, candidates: nil)
        ])
        #expect(try await other.history.append(try events("carl", 0..<1)) == 1)

        let counts = [
            try await one.history.erase(UserID("anna-secret")), try await one.log.erase(UserID("anna-secret")),
            try await one.sessions.erase(UserID("anna-secret")),
            try await one.impressions.erase(UserID("anna-secret")),
        ]
        try await one.users.remove([UserID("anna-secret")])
        let isEmptied = await one.emptyJournal()

        #expect(counts == [40, 40, 1, 1] && isEmptied)
        for name in try FileManager.default.contentsOfDirectory(atPath: folder.path) where name.hasPrefix("store") {
            let bytes = try Data(contentsOf: URL(fileURLWithPath: folder.path + "/" + name))
            #expect(bytes.range(of: Data("anna-secret".utf8)) == nil, "\(name)")
        }
        // The other one held the name under a number that is nobody's now.
        #expect(try await other.history.append(try events("anna-secret", 40..<41)) == 1)
        for store in [one, other, try await EmbeddedStore(folder: folder.path)] {
            let page = try await store.history.page(after: 0, limit: 100)
            #expect(page.interactions.map(\.user.rawValue) == bert.map(\.user.rawValue) + ["carl", "anna-secret"])
        }
    }

    @Test func aNameThatIsNoTextStopsTheErasingAndStaysAsItIs() async throws {
        let folder = EmbeddedStoreTests.Folder()
        let store = try await EmbeddedStore(folder: folder.path)
        _ = try await store.history.append(
            [String(repeating: "x", count: 100), "anna"].map {
                try Interaction(
                    user: UserID($0), item: ItemID("item"), kind: .view, timestamp: Timestamp(milliseconds: 1))
            })
        let outside = try DatabaseQueue(path: folder.path + "/store.sqlite")
        // As many bytes as before: repaired, each would become three.
        let damaged = Data([100] + [UInt8](repeating: 0xff, count: 100) + [4] + "anna".utf8)
        try await outside.write { try $0.execute(sql: "UPDATE history_names SET users = ?", arguments: [damaged]) }

        let again = try await EmbeddedStore(folder: folder.path)
        let error = await #expect(throws: StorageError.self) { try await again.history.erase(UserID("anna")) }

        #expect(error?.code == .corrupt)
        #expect(
            try await outside.read { try Data.fetchOne($0, sql: "SELECT users FROM history_names") } == damaged)
    }
}
