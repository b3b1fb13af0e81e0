// The catalogue as a map: a place on a plane for each item, near to what is like it.

/// Items on the plane, so that those whose vectors point in like directions stand near each other.
///
/// What is near on the map is near among the vectors; what is far apart on it need not be so, and the axes mean
/// nothing.
///
///     let map = CatalogueMap.draw(factors, isPlaced: { hasEvents[$0] })
///
/// Three steps: the nearest neighbours of each item (`NearestGraph`), how strongly they hold together (`MapEdges`),
/// and the places (`MapLayout`). The same vectors and seed give the same map on any number of threads.
///
/// Source: McInnes, Healy and Melville, UMAP: Uniform Manifold Approximation and Projection for Dimension Reduction,
/// arXiv:1802.03426, 2018.
public struct CatalogueMap: Sendable {
    /// Item row of each point, ascending.
    public let rows: [Int32]
    /// 0...1, finite.
    public let x: [Float]
    /// 0...1, finite, beside ``x``.
    public let y: [Float]

    /// How a map is drawn.
    public struct Configuration: Sendable {
        /// Neighbours of an item that are to stay near it: few show fine grain, many the large shape.
        public var neighbours: Int
        /// Rounds of moving all points; `nil` = 500 for up to 10,000 items, 200 beyond.
        public var epochs: Int?
        /// Random points that an item is pushed away from whenever a neighbour draws it.
        public var negatives: Int
        /// Of starting places and random points; the same vectors and seed give the same map.
        public var seed: UInt64

        /// Numbers below the least that makes sense (two neighbours, one epoch, one point) are raised to it.
        public init(neighbours: Int = 12, epochs: Int? = nil, negatives: Int = 5, seed: UInt64 = 1) {
            self.neighbours = max(2, neighbours)
            self.epochs = epochs.map { max(1, $0) }
            self.negatives = max(1, negatives)
            self.seed = seed
        }
    }

    /// What is being done.
    public enum Step: Sendable, CaseIterable {
        /// Looking for each item's neighbours.
        case neighbours
        /// Weighing them.
        case edges
        /// Moving the points.
        case layout
    }

    /// - Parameters:
    ///   - vectors: items x d.
    ///   - isPlaced: whether an item is on the map; an item whose vector has no direction, being zero or not finite,
    ///     never is.
    ///   - configuration: how the map is drawn.
    ///   - progress: told the part of the step that is done, 0...1, from the calling thread.
    ///   - isCancelled: asked between parts of the work, at most a second or so apart for 100,000 items.
    /// - Returns: `nil` when cancelled.
    /// - Complexity: O(items * (neighbours^2 * d + log(items) * d + epochs * neighbours * negatives)); memory O(items *
    ///   (2 d + 20 neighbours)).
    public static func draw(
        _ vectors: DenseMatrix, isPlaced: (Int) -> Bool = { _ in true }, configuration: Configuration = Configuration(),
        progress: (Step, Double) -> Void = { _, _ in }, isCancelled: () -> Bool = { false }
    ) -> CatalogueMap? {
        let rows = (0..<vectors.rows).filter { row in
            guard isPlaced(row) else { return false }
            let length = vectors.withRow(row) { UnitRows.length($0) }
            return length > 0 && length.isFinite
        }.map { Int32($0) }
        var generator = SplitMix64(seed: configuration.seed)
        let seeds = (trees: generator.next(), start: generator.next(), steps: generator.next())

        progress(.neighbours, 0)
        if isCancelled() { return nil }
        let found = NearestGraph.build(
            UnitRows(vectors, rows: rows), width: configuration.neighbours, seed: seeds.trees,
            progress: { progress(.neighbours, $0) }, isCancelled: isCancelled)
        guard let (graph, points, order) = found else { return nil }

        progress(.edges, 0)
        let edges = MapEdges(graph)
        progress(.edges, 1)

        let epochs = configuration.epochs ?? (rows.count <= 10_000 ? 500 : 200)
        var layout = MapLayout(points, seed: seeds.start)
        for epoch in 0..<(rows.count > 1 ? epochs : 0) {
            if isCancelled() { return nil }
            layout.step(epoch, of: epochs, edges, negatives: configuration.negatives, seed: seeds.steps)
            progress(.layout, Double(epoch + 1) / Double(epochs))
        }
        var places = [[Float]](repeating: Array(repeating: 0, count: rows.count), count: 2)
        for (point, row) in order.enumerated() {
            for axis in 0..<2 { places[axis][Int(row)] = layout.places.base[2 * point + axis] }
        }
        return CatalogueMap(rows: rows, x: scaled(places[0]), y: scaled(places[1]))
    }

    /// To 0...1 between the values that one in a thousand lies below and above: a few points far out do not shrink all
    /// others, they stand at the border.
    private static func scaled(_ values: [Float]) -> [Float] {
        let sorted = values.filter(\.isFinite).sorted()
        guard let least = sorted.first, let most = sorted.last, most > least else {
            return Array(repeating: 0.5, count: values.count)
        }
        let (low, high) = (sorted[(sorted.count - 1) / 1000], sorted[sorted.count - 1 - (sorted.count - 1) / 1000])
        let (from, width) = high > low ? (low, high - low) : (least, most - least)
        return values.map { value in
            let share = (value - from) / width
            return share.isFinite ? max(0, min(1, share)) : 0.5
        }
    }
}
