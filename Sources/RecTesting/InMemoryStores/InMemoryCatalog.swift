// The catalogue in memory.
import RecCore
import Synchronization

/// `ItemCatalog` that forgets at the end of the process.
public final class InMemoryCatalog: ItemCatalog {
    public let faults: FaultPlan
    private let items = Mutex<[ItemID: CatalogItem]>([:])

    public init(faults: FaultPlan = FaultPlan()) { self.faults = faults }

    /// Everything held.
    public var content: [ItemID: CatalogItem] { items.withLock { $0 } }

    public func upsert(_ items: [CatalogItem]) async throws(StorageError) {
        try faults.run("catalog.upsert") {
            self.items.withLock { held in
                for item in items { held[item.id] = item }
            }
        }
    }

    public func items(_ ids: [ItemID]) async throws(StorageError) -> [ItemID: CatalogItem] {
        try faults.run("catalog.items") {
            items.withLock { held in
                var found: [ItemID: CatalogItem] = [:]
                for id in ids { found[id] = held[id] }
                return found
            }
        }
    }

    public func page(after id: ItemID?, limit: Int) async throws(StorageError) -> [CatalogItem] {
        try faults.run("catalog.page") {
            items.withLock { held in
                let sorted = held.values.sorted { $0.id.rawValue.utf8.lexicographicallyPrecedes($1.id.rawValue.utf8) }
                guard let id else { return Array(sorted.prefix(max(0, limit))) }
                let behind = sorted.drop { !id.rawValue.utf8.lexicographicallyPrecedes($0.id.rawValue.utf8) }
                return Array(behind.prefix(max(0, limit)))
            }
        }
    }

    public func remove(_ ids: [ItemID]) async throws(StorageError) {
        try faults.run("catalog.remove") {
            items.withLock { held in
                for id in ids { held[id] = nil }
            }
        }
    }
}
