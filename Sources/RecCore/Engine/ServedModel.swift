// A model in service: a snapshot, grown by what the catalogue told since, and what may not be shown.

extension RecommendationEngine {
    /// A snapshot and the state of the catalogue at ``cursor``. Immutable; the next state is another value.
    struct ServedModel: Sendable {
        let snapshot: ModelSnapshot
        /// Rows of hidden and removed items.
        let hidden: Set<Int>
        /// Everything before it is in `snapshot` and `hidden`.
        let cursor: CatalogCursor

        /// A model as it was trained, of which the catalogue has told nothing yet.
        init(_ snapshot: ModelSnapshot) {
            self.init(snapshot: snapshot, hidden: [], cursor: .start)
        }

        private init(snapshot: ModelSnapshot, hidden: Set<Int>, cursor: CatalogCursor) {
            (self.snapshot, self.hidden, self.cursor) = (snapshot, hidden, cursor)
        }

        /// Whether ``applying(_:cursor:)`` would make anything of a change.
        func isNews(_ change: CatalogChange) -> Bool {
            if let item = change.item, snapshot.isNews((item.id, item.attributes)) { return true }
            guard let row = snapshot.history.items.row(of: change.id.rawValue) else { return false }
            return hidden.contains(row) != change.isClosed
        }

        /// The model after some changes.
        /// - Parameter changes: in their order; of an item named twice the last one counts.
        /// - Throws: as ``ModelSnapshot/adding(_:)``.
        func applying(_ changes: [CatalogChange], cursor: CatalogCursor) throws(TrainingError) -> ServedModel {
            let grown = try snapshot.adding(changes.compactMap { change in change.item.map { ($0.id, $0.attributes) } })
            var hidden = hidden
            for change in changes {
                guard let row = grown.history.items.row(of: change.id.rawValue) else { continue }
                if change.isClosed { hidden.insert(row) } else { hidden.remove(row) }
            }
            return ServedModel(snapshot: grown, hidden: hidden, cursor: cursor)
        }
    }
}
