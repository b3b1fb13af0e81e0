// One half-sweep of alternating least squares: every row of one side solved exactly while the other side is fixed.

/// Rows x_r that minimise, each on its own,
///
///     sum_{j in S_r} c_rj (x_r . f_j - 1)^2  +  a_r sum_j b_j (x_r . f_j)^2  +  lambda_r |x_r - m_r|^2
///
/// for fixed rows f_j. With the eigenvectors Q of G = a0 F'BF the common part becomes diagonal for every row at once, whatever
/// its own lambda_r and a_r: z_j = Q' f_j, D_r = (a_r / a0) eigenvalues + lambda_r, T = C^(1/2) Z_S D_r^(-1/2), s = C^(1/2) 1. A row with n < d
/// entries is then an n x n system (push-through identity), exact and cheap; others are a d x d system:
///
///     y = p + T' (I + T T')^-1 (s - T p)      or      (I + T'T) y = T's + p,      x = Q D_r^(-1/2) y,  p = D_r^(-1/2) lambda_r Q' m_r
///
/// - Complexity: O(fixed rows * d^2 + sum over rows of min(n^2 d + n^3, n d^2 + d^3)); scratch O(d^2 + 256 d) a worker.
package struct WeightedLeastSquares: Sendable {
    /// d x d, eigenvector j in row j.
    let basis: DenseMatrix
    /// Eigenvalues of a0 F'F, none below zero.
    let eigenvalues: [Float]
    /// The fixed rows in the basis: fixed rows x d.
    let rotated: DenseMatrix
    package var dimension: Int { basis.columns }

    /// - Returns: `nil` when the fixed rows are not finite or the eigenvalue iteration fails.
    /// - Parameter shares: b_j, from 0 to 1; `nil` = all 1.
    package init?(fixed: DenseMatrix, unobservedWeight: Float, shares: Column<Float>? = nil) {
        let d = fixed.columns
        var gram = (shares.map { fixed.scaledRows(by: $0) } ?? fixed).gram().map { $0 * unobservedWeight }
        guard gram.allSatisfy(\.isFinite), let values = BLAS.eigen(&gram, n: d) else { return nil }
        eigenvalues = values.map { max(0, $0) }
        basis = DenseMatrix(rows: d, columns: d, gram)
        rotated = fixed.multipliedByTransposed(basis)
    }

    /// Solves all rows of a matrix.
    /// - Parameters:
    ///   - shares: a_r / a0 of each row; `nil` = all 1.
    ///   - priors: the means m_r, rows x d; `nil` = zero.
    /// - Returns: rows x d; `nil` when a number is not finite.
    package func solve(
        _ matrix: InteractionMatrix, shares: Column<Float>? = nil, priors: DenseMatrix? = nil,
        regularization: @Sendable (_ confidenceSum: Double) -> Float
    ) -> DenseMatrix? {
        let d = dimension
        let turnedPriors = priors?.multipliedByTransposed(basis)
        precondition(matrix.columns == rotated.rows, "\(matrix.columns) columns, \(rotated.rows) fixed rows")
        let solution = Column<Float>(matrix.rows * d) { buffer in
            guard let base = buffer.baseAddress else { return }
            let output = DisjointRows(base: base)
            forEachRange(matrix.rows, grain: 128) { rows in
                var scratch = Scratch(dimension: d)
                matrix.indices.withUnsafeBufferPointer { indices in
                    matrix.values.withUnsafeBufferPointer { values in
                        for row in rows {
                            let range = matrix.range(of: row)
                            let entries = UnsafeBufferPointer(rebasing: indices[range])
                            let confidences = UnsafeBufferPointer(rebasing: values[range])
                            let sum = confidences.reduce(0.0) { $0 + Double($1) }
                            solveRow(
                                entries, confidences, regularization: regularization(sum),
                                common: shares?[row] ?? 1, prior: turnedPriors?[row: row],
                                scratch: &scratch,
                                into: output.base + row * d)
                        }
                    }
                }
            }
        }
        let rows = DenseMatrix(rows: matrix.rows, columns: d, elements: solution)
        let back = rows.multiplied(by: basis)
        return back.isFinite ? back : nil
    }

    /// Solves one row, for example a user known by a few events. `prior` = the mean m_r, in the original basis.
    package func solve(entries: [Int32], confidences: [Float], regularization: Float, prior: [Float]? = nil) -> [Float]
    {
        let d = dimension
        precondition(entries.count == confidences.count, "\(entries.count) entries, \(confidences.count) confidences")
        precondition(entries.allSatisfy { $0 >= 0 && Int($0) < rotated.rows }, "an entry outside 0..<\(rotated.rows)")
        precondition(prior.map { $0.count == d } ?? true, "the prior does not have \(d) dimensions")
        var scratch = Scratch(dimension: d)
        let turnedPrior = prior.map { basis.multiplied(byVector: $0) }
        var solution = [Float](repeating: 0, count: d)
        entries.withUnsafeBufferPointer { entries in
            confidences.withUnsafeBufferPointer { confidences in
                solution.withUnsafeMutableBufferPointer { solution in
                    guard let base = solution.baseAddress else { return }
                    solveRow(
                        entries, confidences, regularization: regularization, common: 1, prior: turnedPrior,
                        scratch: &scratch,
                        into: base)
                }
            }
        }
        return DenseMatrix(rows: 1, columns: d, solution).multiplied(by: basis)[row: 0]
    }

    /// c_p h_j' A^-1 h_p for each target row j and entry p: what each entry adds to the solution's inner product with j.
    func shares(entries: [Int32], confidences: [Float], regularization: Float, targets: [Int]) -> [[Float]] {
        let d = dimension
        let n = entries.count
        guard n > 0, !targets.isEmpty else { return targets.map { _ in [Float](repeating: 0, count: n) } }
        var shrink = [Float](repeating: 0, count: d)
        for k in 0..<d { shrink[k] = 1 / max(eigenvalues[k] + regularization, 1e-20).squareRoot() }
        func scaled(_ row: Int, _ weight: Float) -> [Float] {
            rotated[row: row].enumerated().map { $1 * shrink[$0] * weight }
        }
        let known = zip(entries, confidences).flatMap { scaled(Int($0), $1.squareRoot()) }
        var system = [Float](repeating: 0, count: d * d)
        BLAS.gram(known, into: &system, n: d, k: n, rows: false)
        for k in 0..<d { system[k * d + k] += 1 }
        var solutions = targets.flatMap { scaled($0, 1) }
        guard BLAS.solve(&system, &solutions, n: d, count: targets.count) else {
            return targets.map { _ in [Float](repeating: 0, count: n) }
        }
        var amounts = [Float](repeating: 0, count: targets.count * n)
        BLAS.multiplyTransposed(solutions, known, into: &amounts, m: targets.count, n: n, k: d)
        return targets.indices.map { place in
            (0..<n).map { amounts[place * n + $0] * confidences[$0].squareRoot() }
        }
    }

    /// What a worker needs: the scaled rows T (grown to n < d rows, or blocks of 256), a system and its right-hand side.
    private struct Scratch {
        var scaled: [Float]
        var system: [Float]
        var right: [Float]
        var shrink: [Float]
        var start: [Float]
        init(dimension d: Int) {
            scaled = [Float](repeating: 0, count: max(d, Self.block) * d)
            system = [Float](repeating: 0, count: d * d)
            right = [Float](repeating: 0, count: d)
            shrink = [Float](repeating: 0, count: d)
            start = [Float](repeating: 0, count: d)
        }
        static let block = 256
    }

    /// Writes Q'x_r, the solution in the basis.
    private func solveRow(
        _ entries: UnsafeBufferPointer<Int32>, _ confidences: UnsafeBufferPointer<Float>, regularization: Float,
        common: Float, prior: [Float]?, scratch: inout Scratch, into output: UnsafeMutablePointer<Float>
    ) {
        let d = dimension
        let n = entries.count
        // D^(-1/2); the floor keeps a direction without any weight at zero instead of dividing by it.
        for k in 0..<d {
            scratch.shrink[k] = 1 / max(common * eigenvalues[k] + regularization, 1e-20).squareRoot()
            scratch.start[k] = prior.map { regularization * $0[k] * scratch.shrink[k] } ?? 0
        }
        guard n > 0 else {
            for k in 0..<d { output[k] = scratch.start[k] * scratch.shrink[k] }
            return
        }
        let isDual = n < d
        let solved =
            isDual
            ? solveDual(entries, confidences, scratch: &scratch, into: output)
            : solvePrimal(entries, confidences, scratch: &scratch, into: output)
        for k in 0..<d { output[k] = solved ? output[k] * scratch.shrink[k] : .nan }
    }

    private func fillScaled(
        _ entries: UnsafeBufferPointer<Int32>.SubSequence, _ confidences: UnsafeBufferPointer<Float>.SubSequence,
        scratch: inout Scratch
    ) {
        let d = dimension
        rotated.elements.withUnsafeBufferPointer { fixed in
            scratch.shrink.withUnsafeBufferPointer { shrink in
                scratch.scaled.withUnsafeMutableBufferPointer { scaled in
                    var place = 0
                    for (entry, confidence) in zip(entries, confidences) {
                        let weight = confidence.squareRoot()
                        let from = Int(entry) * d
                        for k in 0..<d { scaled[place + k] = fixed[from + k] * shrink[k] * weight }
                        place += d
                    }
                }
            }
        }
    }

    private func solveDual(
        _ entries: UnsafeBufferPointer<Int32>, _ confidences: UnsafeBufferPointer<Float>, scratch: inout Scratch,
        into output: UnsafeMutablePointer<Float>
    ) -> Bool {
        let d = dimension
        let n = entries.count
        fillScaled(entries[...], confidences[...], scratch: &scratch)
        BLAS.gram(scratch.scaled, into: &scratch.system, n: n, k: d, rows: true)
        for i in 0..<n { scratch.system[i * n + i] += 1 }
        BLAS.multiply(scratch.scaled, vector: scratch.start, into: &scratch.right, m: n, n: d)
        for i in 0..<n { scratch.right[i] = confidences[i].squareRoot() - scratch.right[i] }
        guard BLAS.solve(&scratch.system, &scratch.right, n: n) else { return false }
        for k in 0..<d { output[k] = scratch.start[k] }
        BLAS.multiplyTransposed(scratch.scaled, vector: scratch.right, into: output, m: n, n: d, beta: 1)
        return true
    }

    private func solvePrimal(
        _ entries: UnsafeBufferPointer<Int32>, _ confidences: UnsafeBufferPointer<Float>, scratch: inout Scratch,
        into output: UnsafeMutablePointer<Float>
    ) -> Bool {
        let d = dimension
        let n = entries.count
        for k in 0..<d { output[k] = scratch.start[k] }
        var done = 0
        while done < n {
            let end = min(n, done + Scratch.block)
            fillScaled(entries[done..<end], confidences[done..<end], scratch: &scratch)
            BLAS.gram(scratch.scaled, into: &scratch.system, n: d, k: end - done, rows: false, beta: done == 0 ? 0 : 1)
            let roots = confidences[done..<end].map { $0.squareRoot() }
            BLAS.multiplyTransposed(scratch.scaled, vector: roots, into: output, m: end - done, n: d, beta: 1)
            done = end
        }
        for k in 0..<d { scratch.system[k * d + k] += 1 }
        return BLAS.solve(&scratch.system, output, n: d)
    }
}
