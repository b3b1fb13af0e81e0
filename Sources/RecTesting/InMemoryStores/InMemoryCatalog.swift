// The catalogue in memory.
import RecCore
import Synchronization

/// `ItemCatalog` that forgets at the end of the process.
public final class InMemoryCatalog: ItemCatalog {
    /// Decides which calls fail, and counts them.
    public let faults: FaultPlan
    private struct State {
        var items: [ItemID: CatalogItem] = [:]
        /// The number of each item's last change, of removed items too.
        var revisions: [ItemID: Int64] = [:]
        var last: Int64 = 0

        mutating func set(_ item: CatalogItem?, for id: ItemID) {
            guard items[id] != item else { return }
            items[id] = item
            last += 1
            revisions[id] = last
        }
    }
    private let state = Mutex(State())

    /// An empty catalogue.
    public init(faults: FaultPlan = FaultPlan()) { self.faults = faults }

    /// Everything held.
    public var content: [ItemID: CatalogItem] { state.withLock { $0.items } }

    public func upsert(_ items: [CatalogItem]) async throws(StorageError) {
        try faults.run("catalog.upsert") {
            state.withLock { state in
                for item in items { state.set(item, for: item.id) }
            }
        }
    }

    public func items(_ ids: [ItemID]) async throws(StorageError) -> [ItemID: CatalogItem] {
        try faults.run("catalog.items") {
            state.withLock { state in
                var found: [ItemID: CatalogItem] = [:]
                for id in ids { found[id] = state.items[id] }
                return found
            }
        }
    }

    public func page(after id: ItemID?, limit: Int) async throws(StorageError) -> [CatalogItem] {
        try faults.run("catalog.page") {
            state.withLock { state in
                let sorted = state.items.values.sorted {
                    $0.id.rawValue.utf8.lexicographicallyPrecedes($1.id.rawValue.utf8)
                }
                guard let id else { return Array(sorted.prefix(max(0, limit))) }
                let behind = sorted.drop { !id.rawValue.utf8.lexicographicallyPrecedes($0.id.rawValue.utf8) }
                return Array(behind.prefix(max(0, limit)))
            }
        }
    }

    public func remove(_ ids: [ItemID]) async throws(StorageError) {
        try faults.run("catalog.remove") {
            state.withLock { state in
                for id in ids { state.set(nil, for: id) }
            }
        }
    }

    public func changes(after cursor: CatalogCursor, limit: Int) async throws(StorageError) -> CatalogChanges {
        try faults.run("catalog.changes") {
            state.withLock { state in
                let page = state.revisions.filter { $0.value > cursor.revision }.sorted { $0.value < $1.value }
                    .prefix(max(0, limit))
                return CatalogChanges(
                    changes: page.map { id, _ in
                        state.items[id].map { CatalogChange($0) } ?? CatalogChange(removed: id)
                    }, cursor: page.last.map { CatalogCursor(revision: $0.value) } ?? cursor)
            }
        }
    }
}
