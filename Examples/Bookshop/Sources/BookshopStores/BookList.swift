// The catalogue, in a journal.
import RecCore

/// `ItemCatalog` on a file of JSON lines: one line for each call, so that a call takes effect whole.
public actor BookList: ItemCatalog {
    private struct State {
        var items: [ItemID: CatalogItem] = [:]
        /// The number of each item's last change, of removed items too. The same lines give the same numbers again.
        var revisions: [ItemID: Int64] = [:]
        var last: Int64 = 0

        mutating func apply(_ line: [EntryLine]) {
            for entry in line {
                let id = ItemID(entry.id)
                items[id] = entry.attributes.map {
                    CatalogItem(id: id, attributes: $0, isHidden: entry.isHidden ?? false)
                }
                last += 1
                revisions[id] = last
            }
        }
    }

    private let queue = FileQueue()
    public nonisolated var unownedExecutor: UnownedSerialExecutor { queue.asUnownedSerialExecutor() }
    private var journal: Journal<[EntryLine]>
    private var state: State

    /// Reads the file once.
    public init(path: String) throws(StorageError) {
        var state = State()
        journal = try Journal(path) { state.apply($0) }
        self.state = state
    }

    private func write(_ line: [EntryLine]) throws(StorageError) {
        guard !line.isEmpty else { return }
        try journal.append(line)
        state.apply(line)
    }

    public func upsert(_ items: [CatalogItem]) async throws(StorageError) {
        let lastOfEach = Dictionary(items.map { ($0.id, $0) }, uniquingKeysWith: { $1 })
        let changed = lastOfEach.values.filter { state.items[$0.id] != $0 }.sorted { $0.id < $1.id }
        try write(changed.map { EntryLine(id: $0.id.rawValue, attributes: $0.attributes, isHidden: $0.isHidden) })
    }

    public func remove(_ ids: [ItemID]) async throws(StorageError) {
        try write(ids.filter { state.items[$0] != nil }.map { EntryLine(id: $0.rawValue) })
    }

    public func items(_ ids: [ItemID]) async throws(StorageError) -> [ItemID: CatalogItem] {
        state.items.filter { [ids = Set(ids)] in ids.contains($0.key) }
    }

    public func page(after id: ItemID?, limit: Int) async throws(StorageError) -> [CatalogItem] {
        let sorted = state.items.values.sorted { $0.id < $1.id }
        return Array(sorted.drop { item in id.map { item.id <= $0 } ?? false }.prefix(max(0, limit)))
    }

    public func changes(after cursor: CatalogCursor, limit: Int) async throws(StorageError) -> CatalogChanges {
        guard cursor.revision < state.last else { return CatalogChanges(changes: [], cursor: cursor) }
        let page = state.revisions.filter { $0.value > cursor.revision }.sorted { $0.value < $1.value }
            .prefix(max(0, limit))
        return CatalogChanges(
            changes: page.map { id, _ in
                state.items[id].map { CatalogChange($0) } ?? CatalogChange(removed: id)
            }, cursor: page.last.map { CatalogCursor(revision: $0.value) } ?? cursor)
    }
}
