// Published models in a folder, called without blocking Swift's threads.
import RecCore

/// `ModelStore` on a `ModelDirectory` of RecCore.
public struct EmbeddedModelStore: ModelStore {
    private let directory: ModelDirectory
    init(directory: ModelDirectory) { self.directory = directory }

    private func run<T: Sendable>(
        _ body: @escaping @Sendable (ModelDirectory) throws(StorageError) -> T
    ) async throws(StorageError) -> T {
        let result = await BlockingQueue.shared.run { [directory] () -> Result<T, StorageError> in
            do throws(StorageError) { return .success(try body(directory)) } catch { return .failure(error) }
        }
        return try result.get()
    }

    public func publish(_ snapshot: ModelSnapshot) async throws(StorageError) {
        try await run { directory throws(StorageError) in try directory.publish(snapshot) }
    }
    public func versions() async throws(StorageError) -> [ModelSummary] {
        try await run { directory throws(StorageError) in try directory.versions() }
    }
    public func current() async throws(StorageError) -> ModelVersion? {
        try await run { directory throws(StorageError) in try directory.current() }
    }
    public func load(_ version: ModelVersion) async throws(StorageError) -> ModelSnapshot {
        try await run { directory throws(StorageError) in try directory.load(version) }
    }
    public func activate(_ version: ModelVersion) async throws(StorageError) {
        try await run { directory throws(StorageError) in try directory.activate(version) }
    }
}
