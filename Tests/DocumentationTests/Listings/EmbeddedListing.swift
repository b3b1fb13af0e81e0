// The listings of RecEmbedded's landing page, word for word.
import RecCore
import RecEmbedded

func embeddedShop(
    folder: String, items: [CatalogItem], events: [Interaction], visit: Interaction, now: Timestamp
) async throws -> (answer: Recommendations, learned: Int) {
    // Listing begins: a shop in a folder
    let store = try await EmbeddedStore(folder: folder)
    try await store.catalog.upsert(items)
    _ = try await store.history.append(events)

    let version = ModelVersion(at: now)
    let model = try await store.trainingData().train(TrainingOptions(), version: version, created: now)
    try await store.models.publish(model)

    let engine = store.engine()
    try await engine.reload()
    try await engine.record([visit])  // into the event log and the user's window
    let answer = try await engine.recommend(
        RecommendationRequest(user: visit.user, limit: 3), id: "answer-1", now: now)  // knows the visit

    let learned = try await store.takeLoggedEvents()  // from the log into history, for the next training
    // Listing ends
    return (answer, learned)
}

func openingNothing(folder: String) async -> StorageError? {
    // Listing begins: a folder that must be there
    do {
        _ = try await EmbeddedStore(folder: folder, creating: false)
    } catch {
        print(error)  // store.open: not found: there is no data folder ...
        return error
    }
    // Listing ends
    return nil
}

func mailAll(_ store: EmbeddedStore, send: ([Interaction]) async throws -> Void) async throws {
    // Listing begins: a consumer of the log
    let feed = store.feed(group: "mail")
    while let batch = try await feed.nextBatch(atMost: 500, within: .zero) {
        try await send(batch.interactions)
        try await feed.acknowledge(batch)  // after the effect: a batch in hand at a crash comes again
    }
    // Listing ends
}
