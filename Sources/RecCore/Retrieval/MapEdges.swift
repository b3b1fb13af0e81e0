// How strongly neighbours pull each other on the map.

/// The neighbour graph made symmetric, with weights in 0...1.
///
/// With r_i the distance from point i to its nearest other, neighbour j of i has the weight exp(-(d_ij - r_i) / s_i),
/// s_i such that the weights of i sum up to log2(neighbours). Two points weigh a + b - ab, a and b being the weights in
/// the two directions: the chance that at least one of two independent edges is there. Distances are 1 - cosine.
///
/// Source: McInnes, Healy and Melville, UMAP: Uniform Manifold Approximation and Projection for Dimension Reduction,
/// arXiv:1802.03426, 2018, section 3.1.
struct MapEdges: Sendable {
    /// Where the edges of a point begin; points + 1.
    let offsets: Column<Int>
    let others: Column<Int32>
    let weights: Column<Float>

    /// - Complexity: O(points * width^2).
    init(_ graph: NearestGraph) {
        let (count, width) = (graph.count, graph.width)
        let own = Self.weights(of: graph)
        var starts = [Int](repeating: 0, count: count + 1)
        Self.forEachEdge(of: graph, own) { from, _, _ in starts[from + 1] += 1 }
        for point in 0..<count { starts[point + 1] += starts[point] }
        let (others, weights) = (ColumnBuffer<Int32>(starts[count]), ColumnBuffer<Float>(starts[count]))
        var next = starts
        Self.forEachEdge(of: graph, own) { from, to, weight in
            others.base[next[from]] = Int32(to)
            weights.base[next[from]] = weight
            next[from] += 1
        }
        precondition(starts[count] <= 2 * count * width, "more than two directions of an edge")
        (offsets, self.others, self.weights) = (Column(starts), others.column, weights.column)
    }

    /// Each edge from both its ends, in the same order at each call.
    private static func forEachEdge(
        of graph: NearestGraph, _ own: ColumnBuffer<Float>, _ body: (_ from: Int, _ to: Int, Float) -> Void
    ) {
        let width = graph.width
        graph.neighbours.withUnsafeBufferPointer { neighbours in
            for point in 0..<graph.count {
                for place in (point * width)..<((point + 1) * width) where neighbours[place] >= 0 {
                    let other = Int(neighbours[place])
                    var back = other * width
                    while back < (other + 1) * width, neighbours[back] != point { back += 1 }
                    let isMutual = back < (other + 1) * width
                    let (a, b) = (own.base[place], isMutual ? own.base[back] : 0)
                    // a + b - ab, the same from both ends and exactly 1 where one of them is.
                    body(point, other, max(a, b) + min(a, b) * (1 - max(a, b)))
                    if !isMutual { body(other, point, a) }
                }
            }
        }
    }

    /// The weights of each point's own neighbours, points x width.
    private static func weights(of graph: NearestGraph) -> ColumnBuffer<Float> {
        let width = graph.width
        let weights = ColumnBuffer<Float>(graph.count * width)
        let target = log2Of(Double(max(2, width)))
        forEachRange(graph.count, grain: 1024) { range in
            var gaps = [Double](repeating: 0, count: width)
            for point in range {
                for place in 0..<width {
                    // A place that is not filled has no distance, and gets no weight.
                    gaps[place] = max(0, 1 - Double(graph.products[point * width + place]))
                }
                let nearest = gaps.first { $0 > 0 } ?? 0
                for place in 0..<width { gaps[place] = max(0, gaps[place] - nearest) }
                let scale = scale(of: gaps, target: target)
                for place in 0..<width {
                    let weight = gaps[place] > 0 ? PortableMath.exp(-gaps[place] / scale) : 1
                    weights.base[point * width + place] = Float(weight)
                }
            }
        }
        return weights
    }

    /// s with which exp(-gap / s) sums up to the target, by halving; as wide as the largest gap where none does.
    private static func scale(of gaps: [Double], target: Double) -> Double {
        let largest = gaps.filter { $0.isFinite }.max() ?? 0
        // Three of four neighbours at distance 0 leave no s: then all others count little, and none nothing.
        var (low, high) = (max(largest * 1e-3, .leastNormalMagnitude), max(largest * 20, .leastNormalMagnitude))
        for _ in 0..<24 {
            let middle = (low + high) / 2
            let sum = gaps.reduce(0.0) { $0 + ($1 > 0 ? PortableMath.exp(-$1 / middle) : 1) }
            if sum > target { high = middle } else { low = middle }
        }
        return (low + high) / 2
    }
}
