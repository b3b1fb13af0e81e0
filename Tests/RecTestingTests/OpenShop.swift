// What the tests of the engine begin with.
import RecCore
import RecTesting

/// A planted shop with a model in service.
func openShop() async throws -> (InMemoryStores, RecommendationEngine) {
    let stores = InMemoryStores()
    let engine = stores.engine()
    try await stores.models.publish(try PlantedShop().snapshot("v1"))
    try await engine.reload()
    return (stores, engine)
}

func event(_ id: String, _ user: String, _ item: String) throws -> Interaction {
    try Interaction(
        event: EventID(id), user: UserID(user), item: ItemID(item), kind: .view, timestamp: PlantedShop().end)
}
