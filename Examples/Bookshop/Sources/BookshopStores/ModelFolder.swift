// Published models, in a folder.
import RecCore

/// `ModelStore` on RecCore's own format, a folder for each version, called where blocking harms nobody.
public actor ModelFolder: ModelStore {
    private let queue = FileQueue()
    public nonisolated var unownedExecutor: UnownedSerialExecutor { queue.asUnownedSerialExecutor() }
    private let directory: ModelDirectory

    public init(path: String) throws(StorageError) { directory = try ModelDirectory(path: path) }

    public func publish(_ snapshot: ModelSnapshot) async throws(StorageError) { try directory.publish(snapshot) }
    public func versions() async throws(StorageError) -> [ModelSummary] { try directory.versions() }
    public func current() async throws(StorageError) -> ModelVersion? { try directory.current() }
    public func load(_ version: ModelVersion) async throws(StorageError) -> ModelSnapshot {
        try directory.load(version)
    }
    public func activate(_ version: ModelVersion) async throws(StorageError) { try directory.activate(version) }
}
