// Loads a CSV file of orders into the store.
import RecEmbedded
import RecFiles

/// Loads what the store does not hold of the file yet.
func loadOrders(_ path: String, into store: EmbeddedStore) async throws -> IngestReport {
    let options = IngestOptions(
        paths: [path], user: "customer", item: "product", time: "day", weight: "pieces", itemAttributes: ["name"])
    return try await IngestPipeline(
        options, history: store.history, catalog: store.catalog, users: store.users
    ).run()
}
