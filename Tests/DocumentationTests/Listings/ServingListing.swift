// The listings of RecServe's landing page, word for word.
import Logging
import RecCore
import RecServe
import RecTesting
import ServiceLifecycle

func serverListing(
    _ stores: InMemoryStores, port: Int, logger: Logger, whenListening: @escaping @Sendable (Int) async -> Void
) async throws {
    // Listing begins: a server
    let metrics = ServerMetrics()
    let guarded = GuardedStores(
        sessions: stores.sessions, log: stores.log, users: stores.users, metrics: metrics)
    let engine = RecommendationEngine(
        sessions: guarded.sessions, log: guarded.log, impressions: stores.impressions, catalog: stores.catalog,
        users: guarded.users, models: stores.models)
    try await engine.reload()
    let server = RecommendationServer(
        engine: engine, configuration: try ServerConfiguration(port: port, showsPage: true), metrics: metrics,
        logger: logger, whenListening: whenListening)
    try await ServiceGroup(services: server.services, logger: logger).run()
    // Listing ends
}

func openToTheWorld() -> InvalidServerConfiguration? {
    // Listing begins: what is refused
    do {
        _ = try ServerConfiguration(host: "0.0.0.0", port: 80_000)
    } catch {
        print(error)  // both: nobody may be reached from outside without keys, and there is no such port
        return error
    }
    // Listing ends
    return nil
}

func keysListing(in path: String, write: (String) throws -> Void) throws -> (key: String, ring: KeyRing) {
    // Listing begins: keys
    let (key, line) = APIKey.make(name: "shop-front", scopes: [.recommend, .events])
    try write(line)  // into the file of keys; the key itself goes to the caller and is kept nowhere
    let ring = try KeyRing(path: path)
    // Listing ends
    return (key, ring)
}
