// A model that learns of items after its training: where their attributes put them among the others.

/// An item and what the catalogue says of it.
public typealias DescribedItem = (id: ItemID, attributes: [String: String])

extension ModelSnapshot {
    /// Whether ``adding(_:)`` would make anything of an item: the model does not know it, or knows it without any event and
    /// with other features.
    /// - Complexity: O(text).
    public func isNews(_ item: DescribedItem) -> Bool {
        guard let row = history.items.row(of: item.id.rawValue) else { return true }
        if history.unknownItems.contains(Int32(row)) { return true }
        return history.itemEvents[row] == 0 && features.differs(item.attributes, fromItem: row)
    }

    /// The same model with more items, and with items described anew that nobody took yet.
    ///
    /// An added item gets a row behind the others, its features by the vocabulary and weights of training, the factors that its
    /// features project to, and its nearest items with events as content neighbours: all that training on the same events
    /// would have given it, but for the weights of features, which stay. An item of whose features training knew none is
    /// listed as new, with factors of zero. Items with events stay as they are; of an item named twice the last one counts.
    ///
    /// The version stays: the events, and so what was learned, are the same.
    /// - Throws: ``TrainingError/numerical(_:)`` when the factors cannot be computed; the receiver stays good.
    /// - Complexity: O(items * (d^2 + segments) + entries of features and content neighbours), a batch of one costing as much
    ///   as one of hundreds; then O(features) for each item, and the cost of ``ContentNeighbours/build(_:hasEvents:count:)`` for
    ///   it. Users, events and the neighbours of trained items are shared, not copied. Keep it off the path of requests: with
    ///   100,000 items, d = 64, 5 million content neighbours and 60 segments, one item takes 2.8 s and 1,000 take 6.5 s in an
    ///   unoptimised build on two busy cores.
    public func adding(_ items: [DescribedItem]) throws(TrainingError) -> ModelSnapshot {
        var news: [ItemID: [String: String]] = [:]
        for item in items { news[item.id] = item.attributes }
        news = news.filter { isNews(($0.key, $0.value)) }
        guard !news.isEmpty else { return self }

        // Rows in order of the names: the same items make the same model, in whatever order they came.
        let added = news.keys.filter { history.items.row(of: $0.rawValue) == nil }.sorted()
        let table = history.items.appending(added.map(\.rawValue))
        var described: [Int: [(column: Int32, value: Float)]] = [:]
        for (id, attributes) in news {
            guard let row = table.row(of: id.rawValue) else { continue }
            described[row] = features.row(of: attributes)
        }
        let rows = described.keys.sorted()

        let grown = history.growing(to: table, described: Set(rows.map(Int32.init)))
        let encoded = features.replacing(described, items: table.count)
        let projected = DenseMatrix(
            rows: rows.count, columns: projection.matrix.columns,
            rows.flatMap { row -> [Float] in
                let factors = projection.factors(of: row, encoded) ?? []
                return factors.allSatisfy(\.isFinite) && !factors.isEmpty
                    ? factors : Array(repeating: 0, count: projection.matrix.columns)
            })
        var scale = Array(itemScale.padded(to: table.count, with: 0))
        var replaced: [Int: [Float]] = [:]
        for (place, (row, norm)) in zip(rows, projected.inverseNorms()).enumerated() {
            scale[row] = norm
            replaced[row] = projected[row: place]
        }
        return try ModelSnapshot(
            growing: self, history: grown,
            itemFactors: factors.items.padded(rows: table.count).replacing(replaced), itemScale: Column(scale),
            neighbours: neighbours.growing(to: table.count),
            contentNeighbours: contentNeighbours.replacing(
                rows, encoded, hasEvents: grown.itemEvents.map { $0 > 0 }),
            segments: segments.growing(to: table.count), features: encoded)
    }
}
