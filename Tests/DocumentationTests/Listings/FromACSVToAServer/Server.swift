// The tutorial's Server.swift, word for word.
// Listing begins: Server.swift
// Answers over HTTP from the store's current model.
import Logging
import RecEmbedded
import RecServe

/// A server on this machine; port 0 = any free one.
func makeServer(
    of store: EmbeddedStore, port: Int, logger: Logger, whenListening: @escaping @Sendable (Int) async -> Void
) async throws -> RecommendationServer {
    let engine = store.engine()
    try await engine.reload()
    return RecommendationServer(
        engine: engine, configuration: try ServerConfiguration(port: port), logger: logger,
        whenListening: whenListening)
}
// Listing ends
