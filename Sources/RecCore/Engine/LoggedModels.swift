// The models that a log names.

/// Loads models as impressions name them and keeps the last few, as versions of an experiment take turns in a log.
struct LoggedModels {
    private let models: any ModelStore
    /// The one used last at the end.
    private var held: [ModelSnapshot] = []
    private static let capacity = 3

    init(models: any ModelStore) { self.models = models }

    mutating func model(_ version: ModelVersion) async throws(StorageError) -> ModelSnapshot {
        if let place = held.firstIndex(where: { $0.version == version }) {
            let found = held.remove(at: place)
            held.append(found)
            return found
        }
        let loaded = try await models.load(version)
        if held.count >= Self.capacity { held.removeFirst() }
        held.append(loaded)
        return loaded
    }

    /// The candidates of a slate, with the directions of their factors where a policy looks at them: those that serving saw.
    mutating func directed(
        _ choice: LoggedChoice, _ policy: ComposedPolicy
    ) async throws(StorageError) -> SlateCandidates {
        let candidates = choice.candidates
        guard policy.columns.contains(.directions) else { return candidates }
        let snapshot = try await model(choice.impression.modelVersion)
        let rows = candidates.items.map { snapshot.history.items.row(of: $0.rawValue) ?? Int.max }
        return candidates.directed(snapshot.directions(of: rows))
    }
}
