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

    /// Neighbours that are known already.
    /// - Precondition: one value of `together` for each entry, one size for each row.
    public init(matrix: InteractionMatrix, together: Column<Float>, sizes: Column<Float>) {
        precondition(together.count == matrix.entryCount && sizes.count == matrix.rows, "parts of other sizes")
        (self.matrix, self.together, self.sizes) = (matrix, together, sizes)
    }

    /// How many of a user's latest items take part: the walk's cost grows with the square of a history.
    public static let longestHistory = 400

    /// - Complexity: O(sum over users of min(|S_u|, 400)^2); memory O(items) a worker.
    public static func build(_ history: InteractionHistory, count: Int = 200) -> ItemNeighbours {
        let users = Pasts(history)
        let items = users.byItem()
        let sizes = (0..<items.starts.count - 1).map { Float(items.starts[$0 + 1] - items.starts[$0]) }
        let slots = RowSlots(rows: sizes.count, capacity: min(count, sizes.count))
        forEachRange(sizes.count, grain: 128) { range in
            var sums = [SIMD2<Float>](repeating: .zero, count: sizes.count)
            var touched: [Int32] = []
            for item in range {
                touched.removeAll(keepingCapacity: true)
                for place in items.starts[item]..<items.starts[item + 1] {
                    let (own, entries) = users.items(of: Int(items.users[place]))
                    let step = SIMD2<Float>(1 / Float(entries.count), 1)
                    own.withUnsafeBufferPointer { own in
                        for entry in entries {
                            let column = Int(own[entry])
                            if sums[column].y == 0 { touched.append(own[entry]) }
                            sums[column] += step
                        }
                    }
                }
                var best = TopK(capacity: count)
                for column in touched {
                    let root = (sizes[item] * sizes[Int(column)]).squareRoot()
                    best.offer(ScoredRow(row: Int(column), score: sums[Int(column)].x / root))
                }
                slots.put(
                    item,
                    best.sorted().map(\.row).sorted().map { (Int32($0), sums[$0].x, sums[$0].y) })
                for column in touched { sums[Int(column)] = .zero }
            }
        }
        let (matrix, together) = slots.matrix(columns: sizes.count)
        return ItemNeighbours(matrix: matrix, together: together, sizes: Column(sizes))
    }

    /// The same neighbours with more items, that nobody took and that have none. - Complexity: O(items); the entries are shared.
    func growing(to items: Int) -> ItemNeighbours {
        ItemNeighbours(
            matrix: matrix.replacing([:], rows: items, columns: items), together: together,
            sizes: sizes.padded(to: items, with: 0))
    }

    /// The latest ``longestHistory`` items of each user, ascending.
    private struct Pasts: Sendable {
        private let all: InteractionMatrix
        /// Items of the users who have more.
        private let cut: [Int: Column<Int32>]

        init(_ history: InteractionHistory) {
            all = history.matrix
            var cut: [Int: Column<Int32>] = [:]
            for user in 0..<history.matrix.rows where history.matrix.range(of: user).count > longestHistory {
                cut[user] = Column(
                    history.matrix.range(of: user)
                        .sorted { (history.lastMinutes[$0], $0) > (history.lastMinutes[$1], $1) }
                        .prefix(longestHistory).sorted().map { history.matrix.indices[$0] })
            }
            self.cut = cut
        }

        /// Where the items of a user stand.
        func items(of user: Int) -> (items: Column<Int32>, entries: Range<Int>) {
            if !cut.isEmpty, let items = cut[user] { return (items, 0..<items.count) }
            return (all.indices, all.range(of: user))
        }

        /// The users of each item, one item behind the other.
        func byItem() -> (starts: [Int], users: Column<Int32>) {
            var starts = [Int](repeating: 0, count: all.columns + 1)
            for user in 0..<all.rows {
                let (items, entries) = items(of: user)
                for entry in entries { starts[Int(items[entry]) + 1] += 1 }
            }
            for item in 0..<all.columns { starts[item + 1] += starts[item] }
            var next = starts
            let users = ColumnBuffer<Int32>(starts[all.columns])
            for user in 0..<all.rows {
                let (items, entries) = items(of: user)
                for entry in entries {
                    users.base[next[Int(items[entry])]] = Int32(user)
                    next[Int(items[entry])] += 1
                }
            }
            return (starts, users.column)
        }
    }
}
