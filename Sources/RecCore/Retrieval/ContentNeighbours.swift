// Items that the catalogue describes alike.

/// For each item with events, the items whose attributes are most like its own.
///
/// Every item c of the catalogue, with or without events, has its `count` nearest items with events by the cosine of their
/// features; `matrix` holds them by column, so that a user's past leads to c. Values are the squared cosine. `popularity` and
/// `factors` of c are the means of its neighbours', weighted by the squared cosine and shrunk to zero where there are few.
public struct ContentNeighbours: Sendable {
    /// items with events x items.
    public let matrix: InteractionMatrix
    public init(matrix: InteractionMatrix) { self.matrix = matrix }

    /// A feature on more items with events than this share of them, or this number, says too little for what it costs.
    static let commonShare = 0.03
    static let commonCount = 1000

    /// - Complexity: O(sum over items and their features of the items with events that share the feature).
    public static func build(_ features: ItemFeatures, hasEvents: [Bool], count: Int = 50) -> ContentNeighbours {
        let rows = features.matrix
        let items = rows.rows
        var lists = [[(item: Int32, value: Float)]](repeating: [], count: rows.columns)
        var warm = 0
        for item in 0..<items where hasEvents[item] {
            warm += 1
            for entry in rows.range(of: item) {
                lists[Int(rows.indices[entry])].append((Int32(item), rows.values[entry]))
            }
        }
        let longest = max(commonCount, Int(Double(warm) * commonShare))
        for feature in lists.indices where lists[feature].count > longest { lists[feature] = [] }
        let postings = lists
        let grain = 256
        let gathered = Gathered(count: (items + grain - 1) / grain)
        forEachRange(items, grain: grain) { range in
            var sums = [Float](repeating: 0, count: items)
            var touched: [Int32] = []
            var part = Gathered.Part()
            for item in range {
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
        return ContentNeighbours(matrix: gathered.matrix(rows: items, columns: items).matrix.transposed())
    }
}
