// Items that the same users took: a random walk item -> user -> item.

/// For each item its neighbours by the walk item -> user -> item (P3: Cooper et al., Random Walks in Recommender Systems, WWW
/// 2014; RP3beta: Paudel et al., ACM TiiS 2017).
///
///     P_ij = (1 / n_i) sum_{u in U_i and U_j} 1 / |S_u|  /  n_j^beta
///
/// Row i holds the `count` largest by C_ij / sqrt(n_i n_j), C being the sum. An item is not its own neighbour.
public struct ItemNeighbours: Sendable {
    /// items x items; values are P_ij.
    public let matrix: InteractionMatrix

    public init(matrix: InteractionMatrix) { self.matrix = matrix }

    /// How many of a user's latest items take part: the walk's cost grows with the square of a history.
    public static let longestHistory = 400

    /// - Complexity: O(sum over users of min(|S_u|, 400)^2); memory O(items) a worker.
    public static func build(_ history: InteractionHistory, count: Int = 200, beta: Float = 0) -> ItemNeighbours {
        let users = trimmed(history)
        let items = users.transposed()
        let sizes = (0..<items.rows).map { Float(items.range(of: $0).count) }
        let grain = 512
        let chunks = (items.rows + grain - 1) / grain
        let gathered = Gathered(count: chunks)
        forEachRange(items.rows, grain: grain) { range in
            var sums = [Float](repeating: 0, count: items.rows)
            var touched: [Int32] = []
            var lengths: [Int] = []
            var indices: [Int32] = []
            var values: [Float] = []
            for item in range {
                touched.removeAll(keepingCapacity: true)
                for entry in items.range(of: item) {
                    let row = users.range(of: Int(items.indices[entry]))
                    let step = 1 / Float(row.count)
                    for other in row {
                        let column = users.indices[other]
                        if sums[Int(column)] == 0 { touched.append(column) }
                        sums[Int(column)] += step
                    }
                }
                var best = TopK(capacity: count)
                for column in touched where Int(column) != item {
                    best.offer(
                        ScoredRow(
                            row: Int(column), score: sums[Int(column)] / (sizes[item] * sizes[Int(column)]).squareRoot()
                        ))
                }
                let kept = best.sorted().map(\.row).sorted()
                lengths.append(kept.count)
                for column in kept {
                    indices.append(Int32(column))
                    let damping = beta == 0 ? 1 : Float(powOf(Double(sizes[column]), Double(beta)))
                    values.append(sums[column] / sizes[item] / damping)
                }
                for column in touched { sums[Int(column)] = 0 }
            }
            gathered.put(range.lowerBound / grain, (lengths, indices, values))
        }
        return ItemNeighbours(matrix: gathered.matrix(items: items.rows))
    }

    /// The latest ``longestHistory`` items of each user.
    private static func trimmed(_ history: InteractionHistory) -> InteractionMatrix {
        let all = history.matrix
        guard (0..<all.rows).contains(where: { all.range(of: $0).count > longestHistory }) else { return all }
        var offsets: [Int64] = [0]
        var indices: [Int32] = []
        var values: [Float] = []
        for row in 0..<all.rows {
            var entries = Array(all.range(of: row))
            if entries.count > longestHistory {
                entries.sort { (history.lastMinutes[$0], $0) > (history.lastMinutes[$1], $1) }
                entries = entries.prefix(longestHistory).sorted()
            }
            for entry in entries {
                indices.append(all.indices[entry])
                values.append(all.values[entry])
            }
            offsets.append(Int64(indices.count))
        }
        return InteractionMatrix(
            rows: all.rows, columns: all.columns, offsets: Column(offsets), indices: Column(indices),
            values: Column(values))
    }
}
