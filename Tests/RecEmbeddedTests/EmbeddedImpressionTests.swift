// Impressions as older versions wrote them, and damaged ones.
import Foundation
import GRDB
import RecCore
import RecEmbedded
import Testing

@Suite struct EmbeddedImpressionTests {
    private func store(_ slates: [String]) async throws -> (EmbeddedStore, path: String) {
        let path = FileManager.default.temporaryDirectory.path + "/impressions-\(UUID().uuidString)"
        let store = try await EmbeddedStore(folder: path)
        let outside = try DatabaseQueue(path: path + "/store.sqlite")
        try await outside.write { database in
            for (number, slate) in slates.enumerated() {
                try database.execute(
                    sql: """
                        INSERT INTO impression (recommendation, version, policy, mode, time, seed, slate)
                        VALUES (?, 'v1', 'plackett_luce(1)', 'auto', 1, 1, ?)
                        """, arguments: ["r\(number)", slate])
            }
        }
        return (store, path)
    }

    @Test func rowsOfOlderVersionsAreRead() async throws {
        let (store, path) = try await store([#"{"items":["a","b"],"propensities":[1,0.5]}"#])
        defer { try? FileManager.default.removeItem(atPath: path) }
        let found = try await store.impressions.page(after: 0, limit: 9).impressions
        #expect(found.first?.items == [ItemID("a"), ItemID("b")] && found.first?.length == 2)
        #expect(found.first?.logPropensities.first == 0 && found.first?.candidates == nil)
        #expect(abs((found.first?.logPropensities.last ?? 0) + 0.6931471805599453) < 1e-15)
    }

    @Test(arguments: [
        #"{"items":["a"],"logPropensities":[0],"offset":0,"length":9223372036854775807}"#,
        #"{"items":["a"],"logPropensities":[0],"offset":-1,"length":1}"#, #"{"items":["a"],"logPropensities":[]}"#,
    ])
    func numbersThatAreNoListAreCorrupt(_ slate: String) async throws {
        let (store, path) = try await store([slate])
        defer { try? FileManager.default.removeItem(atPath: path) }
        let error = await #expect(throws: StorageError.self) {
            _ = try await store.impressions.page(after: 0, limit: 9)
        }
        #expect(error?.code == .corrupt)
    }

    @Test func candidatesThatCannotBeReadAreADifference() async throws {
        let (store, path) = try await store([
            #"{"items":["a"],"logPropensities":[0],"length":1,"candidateHash":"5","candidates":"AAAA"}"#
        ])
        defer { try? FileManager.default.removeItem(atPath: path) }
        let report = try await SlateReplay(impressions: store.impressions, models: store.models).check()
        #expect(report.differences == 1 && report.equal == 0 && report.withoutCandidates == 0)
        let judged = try await CounterfactualPipeline(impressions: store.impressions, models: store.models).judge(
            .fixed(.greedy))
        #expect(judged.slates == 0 && judged.leftOut.refusals == 1)
    }
}
