// Learns a model from everything that the store holds.
import RecCore
import RecEmbedded

/// Trains and publishes: the new model is the store's current one from then on.
func publishModel(of store: EmbeddedStore, at now: Timestamp) async throws -> ModelVersion {
    let data = try await store.trainingData()
    let version = ModelVersion(at: now)
    let model = try await data.train(TrainingOptions(), version: version, created: now)
    try await store.models.publish(model)
    return version
}
