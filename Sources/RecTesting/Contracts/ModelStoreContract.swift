// What every model store must keep to.
import RecCore

/// The promises of `ModelStore` of RecCore.
public enum ModelStoreContract {
    /// - Parameter make: gives an empty store; it is called for each promise.
    /// - Throws: ``ContractViolation`` for the first promise that is broken, or the store's own error.
    public static func verify(_ make: () async throws -> any ModelStore) async throws {
        try await publishedModelIsCurrentAndComesBack(try await make())
        try await versionsNeverChange(try await make())
        try await olderVersionsCanBeActivated(try await make())
    }

    private static let check = ContractCheck(port: "ModelStore")

    private static func version(_ name: String) throws -> ModelVersion {
        guard let version = ModelVersion(name) else {
            throw ContractViolation(port: check.port, promise: "\(name) is a version", found: "nil")
        }
        return version
    }

    private static func expectError(
        _ promise: String, _ code: StorageError.Code, _ body: () async throws -> Void
    ) async throws {
        do {
            try await body()
        } catch let error as StorageError {
            return try check.expect(promise, error.code, is: code)
        }
        throw ContractViolation(port: check.port, promise: promise, found: "no error")
    }

    private static func publishedModelIsCurrentAndComesBack(_ store: any ModelStore) async throws {
        let none = try await store.current()
        let empty = try await store.versions()
        try check.expect(
            "an empty store has no version", none == nil && empty.isEmpty, found: "\(empty.count) versions")
        let snapshot = try PlantedShop().snapshot("v1")
        try await store.publish(snapshot)
        let current = try await store.current()
        try check.expect("a published version is current", current, is: snapshot.version)
        let loaded = try await store.load(snapshot.version)
        let users = Array(0..<snapshot.history.users.count)
        try check.expect(
            "a loaded model gives the lists of the one that was published",
            EvaluationPipeline(loaded).lists(for: users, count: 10),
            is: EvaluationPipeline(snapshot).lists(for: users, count: 10))
        try check.expect(
            "a loaded model has the configuration it was trained with", loaded.configuration == snapshot.configuration,
            found: "another")
        try check.expect("a loaded model has its figures", loaded.metrics, is: snapshot.metrics)
        try check.expect("a loaded model has its judgement", loaded.judgement, is: snapshot.judgement)
        let details = try await store.versions().first?.details
        try check.expect("the list tells what a version is made of", details, is: ModelDetails(snapshot))
        try check.expect("a loaded model has its date", loaded.created, is: snapshot.created)
    }

    private static func versionsNeverChange(_ store: any ModelStore) async throws {
        let shop = PlantedShop()
        try await store.publish(try shop.snapshot("v1", created: Timestamp(milliseconds: 1000)))
        try await expectError("a version that exists is not written again", .conflict) {
            try await store.publish(try shop.snapshot("v1", created: Timestamp(milliseconds: 2000)))
        }
        let held = try await store.load(try version("v1"))
        try check.expect(
            "a refused version leaves the one that exists", held.created, is: Timestamp(milliseconds: 1000))
        try await expectError("an unknown version is not found", .notFound) {
            _ = try await store.load(try version("v9"))
        }
        try await expectError("an unknown version is not activated", .notFound) {
            try await store.activate(try version("v9"))
        }
        let current = try await store.current()
        try check.expect("a refused activation leaves the current version", current, is: try version("v1"))
    }

    private static func olderVersionsCanBeActivated(_ store: any ModelStore) async throws {
        let shop = PlantedShop()
        try await store.publish(try shop.snapshot("b", created: Timestamp(milliseconds: 1000)))
        try await store.publish(try shop.snapshot("a", created: Timestamp(milliseconds: 2000)))
        let before = try await store.versions()
        try check.expect("versions are listed newest first", before.map(\.version.rawValue), is: ["a", "b"])
        try check.expect("one version is current", before.map(\.isCurrent), is: [true, false])
        try await store.activate(try version("b"))
        let current = try await store.current()
        let after = try await store.versions()
        try check.expect("an activated version is current", current, is: try version("b"))
        try check.expect("the list says which version is current", after.map(\.isCurrent), is: [false, true])
    }
}
