// The nearest rows of each row, approximately: trees that halve the rows, then neighbours of neighbours.

/// Points on the unit sphere and, of each, the nearest others by inner product, nearest first.
///
/// A few trees cut the points by random planes until some dozens are left in a leaf; all pairs of a leaf are compared.
/// Then each point is compared with the neighbours of its neighbours, again and again until few lists change. Each
/// round reads the lists of the round before and writes only its own, so the result does not depend on the number of
/// threads.
///
/// Sources: Dasgupta and Freund, Random Projection Trees and Low Dimensional Manifolds, STOC 2008; Dong, Moses and Li,
/// Efficient K-Nearest Neighbor Graph Construction for Generic Similarity Measures, WWW 2011,
/// doi:10.1145/1963405.1963487.
struct NearestGraph: Sendable {
    let count: Int
    /// Neighbours of each point.
    let width: Int
    /// points x width, nearest first.
    let neighbours: Column<Int32>
    /// points x width, inner products.
    let products: Column<Float>

    /// What decides between time and recall; the defaults find 95 % of the ten nearest among 100,000 points.
    struct Effort: Sendable {
        var trees = 6
        var leaf = 48
        var rounds = 4
        /// Below this share of changed entries the rounds end.
        var leastChange = 0.003
    }

    /// - Parameters:
    ///   - width: neighbours wanted; at most points - 1 are given.
    ///   - progress: told the part that is done, from the calling thread.
    /// - Returns: the graph, and the points by whose numbers it speaks: point i there is point `order[i]` here, and
    ///   near ones stand side by side, which makes everything later wait less for memory; `nil` when cancelled.
    /// - Complexity: O(trees * points * (log points + leaf) * d) and O(rounds * points * width^2 * d) at most.
    static func build(
        _ given: UnitRows, width: Int, effort: Effort = Effort(), seed: UInt64,
        progress: (Double) -> Void = { _ in }, isCancelled: () -> Bool = { false }
    ) -> (graph: NearestGraph, points: UnitRows, order: [Int32])? {
        let grown = ProjectionTree.grow(effort.trees, given, leaf: effort.leaf, seed: seed)
        let order = grown.first?.order ?? (0..<Int32(given.count)).map { $0 }
        var numbers = order
        for (place, point) in order.enumerated() { numbers[Int(point)] = Int32(place) }
        let points = given.ordered(order)

        let width = max(0, min(width, points.count - 1))
        var lists = NeighbourLists(count: points.count, width: width)
        guard width > 0 else { return (lists.graph, points, order) }
        let steps = Double(2 * grown.count + 2 * effort.rounds)
        for (number, tree) in grown.enumerated() {
            if isCancelled() { return nil }
            lists.compare(points, tree.renumbered(numbers))
            progress(Double(grown.count + number + 1) / steps)
        }
        for round in 0..<effort.rounds {
            if isCancelled() { return nil }
            let changes = lists.descend(points)
            progress(Double(2 * (grown.count + round + 1)) / steps)
            if Double(changes) < effort.leastChange * Double(points.count * width) { break }
        }
        progress(1)
        return (lists.graph, points, order)
    }
}

/// The lists while they are made better.
private struct NeighbourLists {
    let count: Int
    let width: Int
    /// count x width each; places that are not filled hold -1 and -infinity.
    private var others: ColumnBuffer<Int32>
    private var products: ColumnBuffer<Float>
    /// 1 where the entry came in the last round.
    private var isNew: ColumnBuffer<UInt8>

    init(count: Int, width: Int) {
        (self.count, self.width) = (count, width)
        others = ColumnBuffer(count * width)
        products = ColumnBuffer(count * width)
        isNew = ColumnBuffer(count * width)
        others.base.initialize(repeating: -1, count: count * width)
        products.base.initialize(repeating: -.infinity, count: count * width)
        isNew.base.initialize(repeating: 1, count: count * width)
    }

    /// Nobody writes afterwards.
    var graph: NearestGraph {
        NearestGraph(count: count, width: width, neighbours: others.column, products: products.column)
    }

    /// Compares all points of each leaf with each other; leaves share no point.
    func compare(_ points: UnitRows, _ tree: ProjectionTree) {
        let (d, order, leaves) = (points.dimension, tree.order, tree.leaves)
        forEachRange(leaves.count, grain: 16) { range in
            let most = leaves[range].reduce(0) { max($0, $1.count) }
            let (rows, table) = (ColumnBuffer<Float>(most * d), ColumnBuffer<Float>(most * most))
            for leaf in leaves[range] {
                let size = leaf.count
                for place in 0..<size {
                    points.copy(Int(order[leaf.lowerBound + place]), to: rows, at: place)
                }
                BLAS.multiplyTransposed(rows.base, rows.base, into: table.base, m: size, n: size, k: d)
                for a in 0..<size {
                    let list = Int(order[leaf.lowerBound + a]) * width
                    for b in 0..<size where b != a && table.base[a * size + b] > products.base[list + width - 1] {
                        insert(order[leaf.lowerBound + b], table.base[a * size + b], into: list)
                    }
                }
            }
        }
    }

    /// Puts a point into a list, in its place; it must score more than the last one. One that is there already stays
    /// alone.
    @inline(__always)
    private func insert(_ other: Int32, _ product: Float, into list: Int) {
        let (ids, scores, flags) = (others.base + list, products.base + list, isNew.base + list)
        var place = 0
        while place < width {
            if ids[place] == other { return }
            place += 1
        }
        place = width - 1
        while place > 0, scores[place - 1] < product {
            (ids[place], scores[place], flags[place]) = (ids[place - 1], scores[place - 1], flags[place - 1])
            place -= 1
        }
        (ids[place], scores[place], flags[place]) = (other, product, 1)
    }

    /// One round: each point against the neighbours of its neighbours, in both directions of "neighbour".
    /// - Returns: how many entries came in.
    mutating func descend(_ points: UnitRows) -> Int {
        let before = self
        others = ColumnBuffer(count * width)
        products = ColumnBuffer(count * width)
        isNew = ColumnBuffer(count * width)
        let (after, links) = (self, before.links())
        let grain = 512
        let changes = ColumnBuffer<Int>((count + grain - 1) / grain)
        forEachRange(count, grain: grain) { range in
            // The last point that looked at a point.
            var seen = [Int32](repeating: -1, count: points.count)
            var changed = 0
            for point in range {
                let list = point * after.width
                for place in list..<(list + after.width) {
                    let other = before.others.base[place]
                    after.others.base[place] = other
                    after.products.base[place] = before.products.base[place]
                    after.isNew.base[place] = 0
                    if other >= 0 { seen[Int(other)] = Int32(point) }
                }
                seen[point] = Int32(point)
                for link in links.range(of: point) {
                    let (middle, isFresh) = links.entry(link)
                    for next in links.range(of: middle) {
                        let (other, isFreshToo) = links.entry(next)
                        guard isFresh || isFreshToo, seen[other] != point else { continue }
                        seen[other] = Int32(point)
                        let product = points.dot(point, other)
                        if product > after.products.base[list + after.width - 1] {
                            after.insert(Int32(other), product, into: list)
                            changed += 1
                        }
                    }
                }
            }
            changes.base[range.lowerBound / grain] = changed
        }
        return changes.column.reduce(0, +)
    }

    /// The neighbours of each point, and the points whose neighbour it is, at most `width` of these, those with the
    /// best ranks first.
    private func links() -> Links {
        let room = 2 * width
        let (entries, sizes) = (ColumnBuffer<Int32>(count * room), ColumnBuffer<Int32>(count))
        sizes.base.initialize(repeating: 0, count: count)
        func add(_ other: Int, isNew: Bool, to point: Int) {
            let size = Int(sizes.base[point])
            guard size < room else { return }
            entries.base[point * room + size] = Int32(other) << 1 | (isNew ? 1 : 0)
            sizes.base[point] += 1
        }
        for point in 0..<count {
            for place in (point * width)..<((point + 1) * width) where others.base[place] >= 0 {
                add(Int(others.base[place]), isNew: isNew.base[place] == 1, to: point)
            }
        }
        for rank in 0..<width {
            for point in 0..<count where others.base[point * width + rank] >= 0 {
                let place = point * width + rank
                add(point, isNew: isNew.base[place] == 1, to: Int(others.base[place]))
            }
        }
        return Links(room: room, entries: entries.column, sizes: sizes.column)
    }

    /// Who is near whom, in both directions.
    private struct Links: Sendable {
        let room: Int
        /// 2 * other + 1 where the link is new.
        let entries: Column<Int32>
        let sizes: Column<Int32>

        @inline(__always)
        func range(of point: Int) -> Range<Int> { (point * room)..<(point * room + Int(sizes[point])) }
        @inline(__always)
        func entry(_ place: Int) -> (other: Int, isNew: Bool) {
            let entry = entries[place]
            return (Int(entry >> 1), entry & 1 == 1)
        }
    }
}
