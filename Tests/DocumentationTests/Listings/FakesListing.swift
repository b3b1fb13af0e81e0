// The listing of RecTesting's landing page, word for word.
import RecCore
import RecTesting

func engineOnFakes() async throws -> (stores: InMemoryStores, answer: Recommendations) {
    // Listing begins: an engine on fakes
    let shop = PlantedShop()  // even users take even items, odd ones odd items
    let stores = InMemoryStores()
    try await stores.models.publish(try shop.snapshot("v1"))
    let engine = stores.engine()
    try await engine.reload()

    stores.faults.fail("sessions.states", .unavailable)
    let answer = try await engine.recommend(
        RecommendationRequest(user: UserID("u2"), limit: 5), id: "answer-1", now: shop.end)
    print(answer.items.map(\.item), answer.degraded)  // five even items, without the window: ["sessions"]
    // Listing ends
    return (stores, answer)
}
