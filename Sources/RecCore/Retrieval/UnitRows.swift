// Vectors of length 1, and their cut into small groups of near ones by random planes.
import Synchronization

/// Points on the unit sphere, points x d, row-major.
struct UnitRows: Sendable {
    let count: Int
    let dimension: Int
    private let elements: ColumnBuffer<Float>

    /// Some rows of a matrix, each divided by its length, which must be finite and above zero.
    init(_ matrix: DenseMatrix, rows: [Int32]) {
        let d = matrix.columns
        let elements = ColumnBuffer<Float>(rows.count * d)
        forEachRange(rows.count, grain: 1024) { range in
            for place in range {
                matrix.withRow(Int(rows[place])) { row in
                    let scale = 1 / Self.length(row)
                    for k in 0..<d { elements.base[place * d + k] = Float(Double(row[k]) * scale) }
                }
            }
        }
        (count, dimension, self.elements) = (rows.count, d, elements)
    }

    /// Length of a vector; not finite where a number is not.
    static func length(_ vector: some Sequence<Float>) -> Double {
        vector.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
    }

    /// The same points in another order.
    func ordered(_ order: [Int32]) -> UnitRows { UnitRows(self, order) }

    private init(_ points: UnitRows, _ order: [Int32]) {
        let d = points.dimension
        elements = ColumnBuffer(order.count * d)
        (count, dimension) = (order.count, d)
        for (place, point) in order.enumerated() { points.copy(Int(point), to: elements, at: place) }
    }

    /// Writes a point as one of the rows of a matrix of d columns.
    @inline(__always)
    func copy(_ point: Int, to matrix: ColumnBuffer<Float>, at place: Int) {
        (matrix.base + place * dimension).update(from: elements.base + point * dimension, count: dimension)
    }

    /// The inner product of two points: the cosine of their angle.
    @inline(__always)
    func dot(_ a: Int, _ b: Int) -> Float {
        BLAS.dot(elements.base + a * dimension, elements.base + b * dimension, n: dimension)
    }

    /// The inner product of a point with any vector of d numbers.
    @inline(__always)
    func dot(_ point: Int, _ vector: [Float]) -> Float {
        BLAS.dot(elements.base + point * dimension, vector, n: dimension)
    }

    subscript(point: Int, column: Int) -> Float {
        @inline(__always) get { elements.base[point * dimension + column] }
    }
}

/// All points in an order in which each leaf is one range.
struct ProjectionTree: Sendable {
    let order: [Int32]
    let leaves: [Range<Int>]

    /// Cuts the points until no leaf is larger than `leaf`.
    ///
    /// A range is cut by the plane half-way between two random points of it. Where that leaves less than an eighth on
    /// one side, and among equal points it leaves nothing, the range is cut in the middle of the order along the line
    /// of the two.
    /// - Complexity: O(points * log(points / leaf) * d).
    init(_ points: UnitRows, leaf: Int, seed: UInt64) {
        let leaf = max(2, leaf)
        var generator = SplitMix64(seed: seed)
        var order = (0..<Int32(points.count)).map { $0 }
        var leaves: [Range<Int>] = []
        var open = points.count > 0 ? [0..<points.count] : []
        var direction = [Float](repeating: 0, count: points.dimension)
        var sides: [(product: Float, point: Int32)] = []
        while let range = open.popLast() {
            guard range.count > leaf else {
                leaves.append(range)
                continue
            }
            let a = Int(order[Int.random(in: range, using: &generator)])
            let b = Int(order[Int.random(in: range, using: &generator)])
            for k in direction.indices { direction[k] = points[a, k] - points[b, k] }
            sides.removeAll(keepingCapacity: true)
            for place in range { sides.append((points.dot(Int(order[place]), direction), order[place])) }
            var middle = sides.partition { $0.product > 0 }
            if min(middle, range.count - middle) < range.count / 8 {
                sides.sort { ($0.product, $0.point) < ($1.product, $1.point) }
                middle = range.count / 2
            }
            for (place, side) in sides.enumerated() { order[range.lowerBound + place] = side.point }
            let cut = range.lowerBound + middle
            // The left side is cut first, so that leaves come in order.
            open.append(cut..<range.upperBound)
            open.append(range.lowerBound..<cut)
        }
        (self.order, self.leaves) = (order, leaves)
    }

    private init(order: [Int32], leaves: [Range<Int>]) { (self.order, self.leaves) = (order, leaves) }

    /// Some trees of the same points. - Complexity: that of one each, on all cores.
    static func grow(_ count: Int, _ points: UnitRows, leaf: Int, seed: UInt64) -> [ProjectionTree] {
        // Seeds in a row would give shifted streams.
        var generator = SplitMix64(seed: seed)
        let seeds = (0..<count).map { _ in generator.next() }
        let trees = Mutex([ProjectionTree?](repeating: nil, count: count))
        forEachRange(count, grain: 1) { range in
            for number in range {
                let tree = ProjectionTree(points, leaf: leaf, seed: seeds[number])
                trees.withLock { $0[number] = tree }
            }
        }
        return trees.withLock { $0.compactMap { $0 } }
    }

    /// The same tree over points that have new numbers. - Parameter numbers: the new number of each point.
    func renumbered(_ numbers: [Int32]) -> ProjectionTree {
        ProjectionTree(order: order.map { numbers[Int($0)] }, leaves: leaves)
    }
}
