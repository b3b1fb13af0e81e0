// The reader and the ingest on real shops, where their files are at hand.
import Foundation
import RecCore
import RecTesting
import Testing

@testable import RecFiles

@Suite(.enabled(if: RealData.folder != nil, "needs the development data sets beside the package"))
struct RealDataTests {
    private func data(_ path: String) throws -> String { try #require(RealData.folder) + "/" + path }

    @Test func hmFolderLoadsWithoutTheSharedWeek() async throws {
        let store = InMemoryStores()
        let report = try await IngestPipeline(
            IngestOptions(paths: [try data("hm")]), history: store.history, catalog: store.catalog, users: store.users
        ).run()

        #expect(report.items == 105_542)
        #expect(report.interactions == 240_311 + 31_662 - 219)
        #expect(report.rejected == 219)
        #expect(report.files.flatMap(\.reasons.keys) == ["row overlaps transactions_2020-09-16_2020-09-22.csv.gz"])
        #expect(store.catalog.content["0108775015"]?.attributes["prod_name"] == "Strap top")
        #expect(store.catalog.content["0108775015"]?.attributes.count == 24)
        #expect(report.ignored.isEmpty && report.users == 4849)
    }

    @Test func onlineRetailLoadsByColumnNames() async throws {
        let store = InMemoryStores()
        let options = IngestOptions(
            paths: [try data("online-retail")], user: "CustomerID", item: "StockCode", time: "InvoiceDate",
            weight: "Quantity", itemAttributes: ["Description", "UnitPrice", "Country"])
        let report = try await IngestPipeline(
            options, history: store.history, catalog: store.catalog, users: store.users
        ).run()

        #expect(report.read == 541_909)
        #expect(report.files[0].reasons["user is empty"] == 135_080)
        #expect(report.interactions + report.rejected == report.read)
        #expect(Set(report.files[0].reasons.keys) == ["user is empty", "weight is not a finite number above zero"])
        #expect(store.catalog.content["85123A"]?.attributes["Country"] != nil)
    }
}
