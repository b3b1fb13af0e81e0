// The library example of the README, word for word: what stands between the marks is what the README shows.
import Foundation
import RecCore
import RecEmbedded

/// Runs the README's example on a data folder.
func readmeListing(folder: String, events: [Interaction], now: Timestamp) async throws -> Recommendations {
    // README begins
    let store = try await EmbeddedStore(folder: folder)  // one SQLite file; made if it is missing
    _ = try await store.history.append(events)  // who did what with which item, and when

    let data = try await store.trainingData()
    let model = try await data.train(TrainingOptions(), version: ModelVersion(at: now), created: now)
    try await store.models.publish(model)

    let engine = store.engine()
    try await engine.reload()
    let request = RecommendationRequest(user: UserID("anna"), limit: 5)
    let answer = try await engine.recommend(request, id: UUID().uuidString, now: now)
    for place in answer.items { print(place.rank, place.item, place.reason) }
    // README ends
    return answer
}
