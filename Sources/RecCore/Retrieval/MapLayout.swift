// Placing points on a plane: a start along the two main directions, then steps that draw neighbours together and push
// others apart.

/// Points on the plane while they move.
///
/// Two points at distance z are taken for neighbours with the probability p = 1 / (1 + a z^2). Edges are visited in
/// proportion to their weights; a visit moves both ends along the gradient of log p, and each away from some random
/// points along that of log(1 - p). All points of an epoch see where the others were before it, so that workers share
/// nothing and threads change nothing.
///
/// Sources: Tang, Liu, Zhang and Mei, Visualizing Large-scale and High-dimensional Data, WWW 2016,
/// doi:10.1145/2872427.2883041; McInnes, Healy and Melville, UMAP, arXiv:1802.03426, 2018.
struct MapLayout {
    let count: Int
    /// x and y of each point.
    private(set) var places: ColumnBuffer<Float>
    private var next: ColumnBuffer<Float>

    /// Half of all neighbours stand closer than 1 / sqrt(a).
    private static let a: Float = 1.6
    /// One step moves a point no further, in either direction.
    private static let longestStep: Float = 4
    /// Rows that the main directions are found from.
    private static let sample = 10_000

    /// Along the two main directions of the points, ten long, with a little noise so that equal points part.
    /// - Complexity: O(min(points, 10,000) * d^2 + points * d).
    init(_ points: UnitRows, seed: UInt64) {
        count = points.count
        (places, next) = (ColumnBuffer(2 * count), ColumnBuffer(2 * count))
        let (mean, directions) = Self.mainDirections(points, seed: seed)
        for axis in 0..<2 {
            let shift = zip(mean, directions[axis]).reduce(Float(0)) { $0 + $1.0 * $1.1 }
            var largest: Float = 0
            for point in 0..<count {
                let value = points.dot(point, directions[axis]) - shift
                places.base[2 * point + axis] = value
                largest = max(largest, abs(value))
            }
            let scale = largest > 1e-6 ? 10 / largest : 0
            for point in 0..<count { places.base[2 * point + axis] *= scale }
        }
        var generator = SplitMix64(seed: seed)
        for place in 0..<(2 * count) { places.base[place] += 0.01 * (Float(generator.nextUnit()) - 0.5) }
    }

    /// Mean, and the two eigenvectors of the covariance with the largest eigenvalues, by power iteration.
    private static func mainDirections(_ points: UnitRows, seed: UInt64) -> (mean: [Float], directions: [[Float]]) {
        let d = points.dimension
        let taken = min(points.count, sample)
        let rows = ColumnBuffer<Float>(taken * d)
        for place in 0..<taken { points.copy(place * points.count / taken, to: rows, at: place) }
        let matrix = DenseMatrix(rows: taken, columns: d, elements: rows.column)
        let (mean, gram) = (matrix.columnMeans(), matrix.gram())
        var covariance = [Double](repeating: 0, count: d * d)
        for i in 0..<d {
            for j in 0..<d {
                covariance[i * d + j] = Double(gram[i * d + j]) / Double(max(1, taken)) - mean[i] * mean[j]
            }
        }
        var directions: [[Double]] = []
        var generator = SplitMix64(seed: seed)
        for _ in 0..<2 {
            var direction = (0..<d).map { _ in Double(generator.nextNormal()) }
            for _ in 0..<60 {
                var image = (0..<d).map { i in (0..<d).reduce(0.0) { $0 + covariance[i * d + $1] * direction[$1] } }
                for known in directions {
                    let along = zip(known, image).reduce(0.0) { $0 + $1.0 * $1.1 }
                    for k in 0..<d { image[k] -= along * known[k] }
                }
                let length = image.reduce(0.0) { $0 + $1 * $1 }.squareRoot()
                // Nothing is left in any other direction.
                guard length > 1e-12 else {
                    direction = Array(repeating: 0, count: d)
                    break
                }
                direction = image.map { $0 / length }
            }
            directions.append(direction)
        }
        return (mean.map { Float($0) }, directions.map { $0.map { Float($0) } })
    }

    /// One epoch of `epochs`: an edge of weight w is visited in a share w of them.
    /// - Complexity: O(edges * (1 + negatives)).
    mutating func step(_ epoch: Int, of epochs: Int, _ edges: MapEdges, negatives: Int, seed: UInt64) {
        let rate = 1 - Float(epoch) / Float(epochs)
        var generator = SplitMix64(seed: seed)
        // A number of its own for each epoch and, below, each point: seeds in a row would give shifted streams.
        let mixed = generator.next() ^ SplitMix64.mixed(UInt64(epoch))
        let (from, to, count) = (places, next, count)
        let (before, after) = (Float(epoch), Float(epoch + 1))
        forEachRange(count, grain: 2048) { range in
            edges.others.withUnsafeBufferPointer { others in
                edges.weights.withUnsafeBufferPointer { weights in
                    for point in range {
                        var generator = SplitMix64(seed: SplitMix64.mixed(mixed ^ UInt64(point)))
                        var (x, y) = (from.base[2 * point], from.base[2 * point + 1])
                        for edge in edges.offsets[point]..<edges.offsets[point + 1] {
                            let weight = weights[edge]
                            guard (weight * after).rounded(.down) > (weight * before).rounded(.down) else { continue }
                            let other = Int(others[edge])
                            let (dx, dy) = (x - from.base[2 * other], y - from.base[2 * other + 1])
                            let pull = -2 * Self.a / (1 + Self.a * (dx * dx + dy * dy))
                            x += rate * Self.bounded(pull * dx)
                            y += rate * Self.bounded(pull * dy)
                            for _ in 0..<negatives {
                                let other = Int(((generator.next() >> 32) &* UInt64(count)) >> 32)
                                if other == point { continue }
                                let (dx, dy) = (x - from.base[2 * other], y - from.base[2 * other + 1])
                                let square = dx * dx + dy * dy
                                let push = 2 / ((0.001 + square) * (1 + Self.a * square))
                                x += rate * Self.bounded(push * dx)
                                y += rate * Self.bounded(push * dy)
                            }
                        }
                        (to.base[2 * point], to.base[2 * point + 1]) = (x, y)
                    }
                }
            }
        }
        (places, next) = (next, places)
    }

    @inline(__always)
    private static func bounded(_ step: Float) -> Float { max(-longestStep, min(longestStep, step)) }
}

extension SplitMix64 {
    /// A number without likeness to its neighbours'.
    fileprivate static func mixed(_ number: UInt64) -> UInt64 {
        var generator = SplitMix64(seed: number)
        return generator.next()
    }
}
