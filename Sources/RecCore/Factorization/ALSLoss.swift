// The objective of a factorisation and its parts, summed in Float64.

/// The three parts of the objective of ``ALSTrainer``. Parts far apart in size point to settings that fight each other.
public struct ALSLoss: Sendable, Hashable {
    /// sum_S c_ui (w_u . h_i - 1)^2
    public let observed: Double
    /// sum over all pairs of a_i (w_u . h_i)^2
    public let unobserved: Double
    /// lambda times the weighted squared distances to the prior means.
    public let regularization: Double
    /// What training minimises: the three sums together.
    public var total: Double { observed + unobserved + regularization }

    /// - Complexity: O(entries * d + (users + items) * d^2).
    init(
        _ factors: Factors, _ matrix: InteractionMatrix, _ turned: InteractionMatrix,
        _ configuration: ALSConfiguration, exposure: Column<Float>?, userMeans: DenseMatrix?, itemMeans: DenseMatrix?
    ) {
        let d = factors.users.columns
        observed = Self.sum(over: matrix.rows) { row in
            var sum = 0.0
            for entry in matrix.range(of: row) {
                let miss = factors.users.dot(row: row, with: factors.items, row: Int(matrix.indices[entry])) - 1
                sum += Double(matrix.values[entry]) * Double(miss) * Double(miss)
            }
            return sum
        }
        let left = factors.users.gram()
        let right = (exposure.map { factors.items.scaledRows(by: $0) } ?? factors.items).gram()
        // trace(W'W H'AH), both symmetric and given by their upper triangles.
        var trace = 0.0
        for i in 0..<d {
            for j in i..<d { trace += (i == j ? 1 : 2) * Double(left[i * d + j]) * Double(right[i * d + j]) }
        }
        unobserved = configuration.unobservedWeight * trace
        func distance(_ rows: DenseMatrix, _ means: DenseMatrix?, _ events: InteractionMatrix, others: Int) -> Double {
            let scale = FoldIn.regularization(configuration, fixedRows: others)
            return Self.sum(over: rows.rows) { row in
                let weight = events.range(of: row).reduce(0.0) { $0 + Double(events.values[$1]) }
                var square = 0.0
                for k in (row * d)..<((row + 1) * d) {
                    let off = Double(rows.elements[k]) - Double(means?.elements[k] ?? 0)
                    square += off * off
                }
                return Double(scale(weight)) * square
            }
        }
        regularization =
            distance(factors.users, userMeans, matrix, others: matrix.columns)
            + distance(factors.items, itemMeans, turned, others: matrix.rows)
    }

    /// In blocks of fixed size, so that the number of cores does not show.
    private static func sum(over rows: Int, _ term: @escaping @Sendable (Int) -> Double) -> Double {
        let grain = 1024
        let parts = Column<Double>((rows + grain - 1) / grain) { buffer in
            buffer.initialize(repeating: 0)
            guard let base = buffer.baseAddress else { return }
            let output = DisjointRows(base: base)
            forEachRange(rows, grain: grain) { range in
                var sum = 0.0
                for row in range { sum += term(row) }
                output.base[range.lowerBound / grain] = sum
            }
        }
        return parts.reduce(0, +)
    }
}
