// Items that the catalogue describes alike.

/// For each item with events, the items whose attributes are most like its own.
///
/// Every item c of the catalogue, with or without events, has its `count` nearest items with events by the cosine of their
/// features; `matrix` holds them by column, so that a user's past leads to c. Values are the squared cosine. `popularity` and
/// `factors` of c are the means of its neighbours', weighted by the squared cosine and shrunk to zero where there are few.
public struct ContentNeighbours: Sendable {
    /// items with events x items.
    public let matrix: InteractionMatrix
    /// Neighbours that are known already.
    public init(matrix: InteractionMatrix) { self.matrix = matrix }

    /// A feature on more items with events than this share of them, or this number, says too little for what it costs.
    static let commonShare = 0.03
    static let commonCount = 1000

    /// - Complexity: O(sum over items and their features of the items with events that share the feature).
    public static func build(_ features: ItemFeatures, hasEvents: [Bool], count: Int = 50) -> ContentNeighbours {
        let all = Array(0..<features.matrix.rows)
        return ContentNeighbours(
            matrix: nearest(to: all, features, hasEvents: hasEvents, count: count).transposed())
    }

    /// The same with some items described anew or added: each stands beside its nearest items with events, by the rule of
    /// ``build(_:hasEvents:count:)``.
    /// - Parameters:
    ///   - items: rows without events, ascending.
    ///   - features: of all items, these among them; perhaps more items than before.
    /// - Complexity: O(entries) copied, and the cost of `build` for these items alone.
    func replacing(
        _ items: [Int], _ features: ItemFeatures, hasEvents: [Bool], count: Int = 50
    ) -> ContentNeighbours {
        var changed: [Int: [(column: Int32, value: Float)]] = [:]
        func entries(of row: Int) -> [(column: Int32, value: Float)] {
            guard row < matrix.rows else { return [] }
            return matrix.range(of: row).map { (matrix.indices[$0], matrix.values[$0]) }
        }
        let known = Set(items.filter { $0 < matrix.columns }.map(Int32.init))
        if !known.isEmpty {
            for row in rowsHolding(known) { changed[row] = entries(of: row).filter { !known.contains($0.column) } }
        }
        let nearest = Self.nearest(to: items, features, hasEvents: hasEvents, count: count)
        for (place, item) in items.enumerated() {
            for entry in nearest.range(of: place) {
                let row = Int(nearest.indices[entry])
                changed[row, default: entries(of: row)].append((Int32(item), nearest.values[entry]))
            }
        }
        let size = features.matrix.rows
        return ContentNeighbours(
            matrix: matrix.replacing(
                changed.mapValues { $0.sorted { $0.column < $1.column } }, rows: size, columns: size))
    }

    private func rowsHolding(_ columns: Set<Int32>) -> [Int] {
        var isWanted = [Bool](repeating: false, count: matrix.columns)
        for column in columns { isWanted[Int(column)] = true }
        return matrix.indices.withUnsafeBufferPointer { indices in
            (0..<matrix.rows).filter { matrix.range(of: $0).contains { isWanted[Int(indices[$0])] } }
        }
    }

    /// The nearest items with events of some items, asked x items; values are the squared cosine.
    private static func nearest(
        to asked: [Int], _ features: ItemFeatures, hasEvents: [Bool], count: Int
    ) -> InteractionMatrix {
        let rows = features.matrix
        let items = rows.rows
        // Only features of the asked items are looked up.
        var isAsked = [Bool](repeating: false, count: rows.columns)
        for item in asked { for entry in rows.range(of: item) { isAsked[Int(rows.indices[entry])] = true } }
        var lists = [[(item: Int32, value: Float)]](repeating: [], count: rows.columns)
        var warm = 0
        for item in 0..<items where hasEvents[item] {
            warm += 1
            for entry in rows.range(of: item) where isAsked[Int(rows.indices[entry])] {
                lists[Int(rows.indices[entry])].append((Int32(item), rows.values[entry]))
            }
        }
        let longest = max(commonCount, Int(Double(warm) * commonShare))
        for feature in lists.indices where lists[feature].count > longest { lists[feature] = [] }
        let postings = lists
        let grain = asked.count < 4096 ? 32 : 256
        let gathered = Gathered(count: (asked.count + grain - 1) / grain)
        forEachRange(asked.count, grain: grain) { range in
            var sums = [Float](repeating: 0, count: items)
            var touched: [Int32] = []
            var part = Gathered.Part()
            for item in asked[range] {
                touched.removeAll(keepingCapacity: true)
                for entry in rows.range(of: item) {
                    let value = rows.values[entry]
                    for (other, weight) in postings[Int(rows.indices[entry])] {
                        if sums[Int(other)] == 0 { touched.append(other) }
                        sums[Int(other)] += value * weight
                    }
                }
                var best = TopK(capacity: count)
                for other in touched where Int(other) != item {
                    best.offer(ScoredRow(row: Int(other), score: sums[Int(other)]))
                }
                let kept = best.sorted().sorted { $0.row < $1.row }
                part.lengths.append(kept.count)
                for other in kept {
                    part.indices.append(Int32(other.row))
                    part.values.append(other.score * other.score)
                }
                for other in touched { sums[Int(other)] = 0 }
            }
            gathered.put(range.lowerBound / grain, part)
        }
        return gathered.matrix(rows: asked.count, columns: items).matrix
    }
}
