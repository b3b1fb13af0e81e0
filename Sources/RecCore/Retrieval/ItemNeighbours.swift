// Items that the same users took: a random walk item -> user -> item.

/// For each item the items that the same users took, with the two sums that every neighbourhood score is made of.
///
///     walk_ij     = sum_{u in U_i and U_j} 1 / |S_u|        together_ij = |U_i and U_j|
///
/// S_u are the items of user u, U_i the users of item i, n_i their number. With exponents on n_i and n_j the first gives the
/// random walk P3 (Cooper et al., WWW 2014), RP3beta (Paudel et al., ACM TiiS 2017) and the linear filter of GF-CF (Shen et
/// al., CIKM 2021), the second the cosine. Row i holds the `count` largest by walk_ij / sqrt(n_i n_j), itself included.
public struct ItemNeighbours: Sendable {
    /// items x items; values are walk_ij.
    public let matrix: InteractionMatrix
    /// together_ij of each entry of `matrix`.
    public let together: Column<Float>
    /// n_i.
    public let sizes: Column<Float>

    public init(matrix: InteractionMatrix, together: Column<Float>, sizes: Column<Float>) {
        precondition(together.count == matrix.entryCount && sizes.count == matrix.rows, "parts of other sizes")
        (self.matrix, self.together, self.sizes) = (matrix, together, sizes)
    }

    /// How many of a user's latest items take part: the walk's cost grows with the square of a history.
    public static let longestHistory = 400

    /// - Complexity: O(sum over users of min(|S_u|, 400)^2); memory O(items) a worker.
    public static func build(_ history: InteractionHistory, count: Int = 500) -> ItemNeighbours {
        let users = trimmed(history)
        let items = users.transposed()
        let sizes = (0..<items.rows).map { Float(items.range(of: $0).count) }
        let grain = 512
        let gathered = Gathered(count: (items.rows + grain - 1) / grain)
        forEachRange(items.rows, grain: grain) { range in
            var sums = [SIMD2<Float>](repeating: .zero, count: items.rows)
            var touched: [Int32] = []
            var part = Gathered.Part()
            for item in range {
                touched.removeAll(keepingCapacity: true)
                for entry in items.range(of: item) {
                    let row = users.range(of: Int(items.indices[entry]))
                    let step = SIMD2<Float>(1 / Float(row.count), 1)
                    users.indices.withUnsafeBufferPointer { indices in
                        for other in row {
                            let column = Int(indices[other])
                            if sums[column].y == 0 { touched.append(Int32(column)) }
                            sums[column] += step
                        }
                    }
                }
                var best = TopK(capacity: count)
                for column in touched {
                    best.offer(
                        ScoredRow(
                            row: Int(column),
                            score: sums[Int(column)].x / (sizes[item] * sizes[Int(column)]).squareRoot()
                        ))
                }
                let kept = best.sorted().map(\.row).sorted()
                part.lengths.append(kept.count)
                for column in kept {
                    part.indices.append(Int32(column))
                    part.values.append(sums[column].x)
                    part.others.append(sums[column].y)
                }
                for column in touched { sums[Int(column)] = .zero }
            }
            gathered.put(range.lowerBound / grain, part)
        }
        let (matrix, together) = gathered.matrix(rows: items.rows, columns: items.rows)
        return ItemNeighbours(matrix: matrix, together: Column(together), sizes: Column(sizes))
    }

    /// The same neighbours with more items, that nobody took and that have none. - Complexity: O(items); the entries are shared.
    func growing(to items: Int) -> ItemNeighbours {
        ItemNeighbours(
            matrix: matrix.replacing([:], rows: items, columns: items), together: together,
            sizes: sizes.padded(to: items, with: 0))
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
