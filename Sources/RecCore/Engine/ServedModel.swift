// A model in service: a snapshot, grown by what the catalogue told since, what may not be shown, and what items are like.
import Synchronization

extension RecommendationEngine {
    /// A snapshot and the state of the catalogue at ``cursor``. Immutable; the next state is another value.
    struct ServedModel: Sendable {
        let snapshot: ModelSnapshot
        /// Rows of hidden and removed items, and of those of which the model knows nothing.
        let closed: RowSet
        /// What filters look at.
        let attributes: ItemAttributes
        /// Everything before it is in `snapshot`, `closed` and `attributes`.
        let cursor: CatalogCursor
        /// Rows of items that hardly anybody took yet, which may have to be shown to be judged.
        let young: YoungItems
        private let filters = FilterCache()

        /// A model as it was trained, of which the catalogue has told nothing yet.
        init(_ snapshot: ModelSnapshot) {
            let count = snapshot.history.items.count
            let unknown = snapshot.history.unknownItems
            self.init(
                snapshot: snapshot, closed: RowSet(count: count) { unknown.contains(Int32($0)) },
                attributes: ItemAttributes(count: count), cursor: .start)
        }

        init(
            snapshot: ModelSnapshot, closed: RowSet, attributes: ItemAttributes, cursor: CatalogCursor,
            sharing young: YoungItems? = nil
        ) {
            (self.snapshot, self.closed, self.attributes, self.cursor) = (snapshot, closed, attributes, cursor)
            self.young = young ?? YoungItems(snapshot.history) { !closed.contains($0) }
        }

        /// The rows that a filter admits; remembered for the next request with the same one.
        func rows(passing filter: ItemFilter) -> RowSet { filters.rows(filter) { attributes.rows(passing: filter) } }
    }
}

/// The rows of the filters that were asked for lately, on one state of one model.
private final class FilterCache: Sendable {
    /// 100,000 items make 12 KB of each.
    private static let capacity = 64
    /// Larger ones come from no shop window; they are computed each time.
    private static let largest = 100
    private let known = Mutex<[ItemFilter: RowSet]>([:])

    func rows(_ filter: ItemFilter, make: () -> RowSet) -> RowSet {
        guard filter.listedValues <= Self.largest else { return make() }
        if let rows = known.withLock({ $0[filter] }) { return rows }
        let rows = make()
        known.withLock { known in
            // Which one goes does not matter much: computing it again takes less than a millisecond.
            if known.count >= Self.capacity, let old = known.keys.first { known[old] = nil }
            known[filter] = rows
        }
        return rows
    }
}

// MARK: - Following the catalogue

extension RecommendationEngine.ServedModel {
    /// Whether the snapshot, or what may be shown, has to change for a change of the catalogue; otherwise only attributes do.
    func isNews(_ change: CatalogChange) -> Bool {
        if let item = change.item, snapshot.isNews((item.id, item.attributes)) { return true }
        guard let row = snapshot.history.items.row(of: change.id.rawValue) else { return false }
        return closed.contains(row) != change.isClosed
    }

    /// The model after some changes.
    /// - Parameter changes: in their order; of an item named twice the last one counts.
    /// - Throws: as ``ModelSnapshot/adding(_:)``.
    func applying(_ changes: [CatalogChange], cursor: CatalogCursor) throws(TrainingError) -> Self {
        let news = changes.filter { isNews($0) }
        return try describing(changes, cursor: cursor).growing(news)
    }

    /// The same rows after some changes: their attributes alone. Changes that are ``isNews(_:)`` still have to be handed to
    /// ``growing(_:)``.
    func describing(_ changes: [CatalogChange], cursor: CatalogCursor) -> Self {
        var attributes = attributes
        for change in changes {
            guard let row = snapshot.history.items.row(of: change.id.rawValue), row < attributes.count else { continue }
            attributes.set(row, change.item?.attributes ?? [:])
        }
        return Self(
            snapshot: snapshot, closed: closed, attributes: attributes, cursor: cursor, sharing: young)
    }

    /// The model with items added, hidden and shown again.
    func growing(_ news: [CatalogChange]) throws(TrainingError) -> Self {
        guard !news.isEmpty else { return self }
        let grown = try snapshot.adding(news.compactMap { change in change.item.map { ($0.id, $0.attributes) } })
        let count = grown.history.items.count
        var closed = closed.growing(to: count)
        var attributes = attributes
        attributes.grow(to: count)
        for change in news {
            guard let row = grown.history.items.row(of: change.id.rawValue) else { continue }
            if change.isClosed { closed.insert(row) } else { closed.remove(row) }
            attributes.set(row, change.item?.attributes ?? [:])
        }
        return Self(snapshot: grown, closed: closed, attributes: attributes, cursor: cursor)
    }
}
