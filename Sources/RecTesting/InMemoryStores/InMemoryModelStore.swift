// Published models in memory.
import RecCore
import Synchronization

/// `ModelStore` that forgets at the end of the process.
public final class InMemoryModelStore: ModelStore {
    /// Decides which calls fail, and counts them.
    public let faults: FaultPlan
    private struct State {
        var snapshots: [ModelVersion: ModelSnapshot] = [:]
        var current: ModelVersion?
    }
    private let state = Mutex(State())

    /// A store without models.
    public init(faults: FaultPlan = FaultPlan()) { self.faults = faults }

    public func publish(_ snapshot: ModelSnapshot) async throws(StorageError) {
        try faults.run("models.publish") { () throws(StorageError) in
            let isNew = state.withLock { state in
                guard state.snapshots[snapshot.version] == nil else { return false }
                state.snapshots[snapshot.version] = snapshot
                state.current = snapshot.version
                return true
            }
            guard isNew else {
                throw StorageError(
                    .conflict, operation: "models.publish", reason: "version \(snapshot.version) exists")
            }
        }
    }

    public func versions() async throws(StorageError) -> [ModelSummary] {
        try faults.run("models.versions") {
            state.withLock { state in
                state.snapshots.values.map {
                    ModelSummary(
                        version: $0.version, created: $0.created, isCurrent: $0.version == state.current,
                        details: ModelDetails($0))
                }.sorted { ($0.created, $0.version) > ($1.created, $1.version) }
            }
        }
    }

    public func current() async throws(StorageError) -> ModelVersion? {
        try faults.run("models.current") { state.withLock { $0.current } }
    }

    public func load(_ version: ModelVersion) async throws(StorageError) -> ModelSnapshot {
        try faults.run("models.load") { () throws(StorageError) in
            guard let snapshot = state.withLock({ $0.snapshots[version] }) else {
                throw StorageError(.notFound, operation: "models.load", reason: "no version \(version)")
            }
            return snapshot
        }
    }

    public func activate(_ version: ModelVersion) async throws(StorageError) {
        try faults.run("models.activate") { () throws(StorageError) in
            let isThere = state.withLock { state in
                guard state.snapshots[version] != nil else { return false }
                state.current = version
                return true
            }
            guard isThere else {
                throw StorageError(.notFound, operation: "models.activate", reason: "no version \(version)")
            }
        }
    }
}
