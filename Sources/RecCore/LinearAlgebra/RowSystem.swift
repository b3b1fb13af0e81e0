// The least squares problem of one row of a half-sweep, in a basis in which what all rows share is diagonal.

/// How the system of a row is solved.
public enum RowSolver: Sendable, Hashable, Codable {
    /// By a Cholesky factorisation, of n x n numbers for a row with n < d entries, of d x d for others.
    case exact
    /// By so many steps of conjugate gradients from the row's last solution, and exactly where that costs no more.
    ///
    /// The system is I + T'T (see `WeightedLeastSquares`): whitened by what all rows share, its condition is that of the row's
    /// own entries alone, and three steps a sweep reach the loss of exact solves (Takács, Pilászy and Tikk, Applications of the
    /// conjugate gradient method for implicit feedback collaborative filtering, RecSys 2011, without the whitening).
    case conjugateGradient(steps: Int)
}

/// Rows z_j of the fixed side in the basis of ``WeightedLeastSquares``, and the eigenvalues there.
struct RowSystem: Sendable {
    /// Eigenvalues of a0 F'BF, none below zero.
    let eigenvalues: [Float]
    /// Fixed rows x d.
    let rotated: DenseMatrix
    var dimension: Int { rotated.columns }

    /// Rows with fewer entries are solved exactly by all solvers: no dearer, and better.
    private static let fewEntries = 8

    /// What a worker needs: the scaled rows T (of a row with few entries all of them, else a block), a system, its right-hand
    /// side, and the vectors of conjugate gradients. It does not grow with the number of entries.
    ///
    /// Unchecked: whoever has it is alone with it.
    final class Scratch: @unchecked Sendable {
        private let memory: ColumnBuffer<Float>
        fileprivate let scaled, system, right, shrink, start, residual, direction, image: UnsafeMutablePointer<Float>
        init(dimension d: Int, solver: RowSolver) {
            let rows = solver == .exact ? max(d, RowSystem.block) : max(d, RowSystem.manyEntries)
            let sizes = [rows * d, d * d, max(d, RowSystem.manyEntries), d, d, d, d, d]
            memory = ColumnBuffer(sizes.reduce(0, +))
            memory.base.initialize(repeating: 0, count: memory.count)
            var next = memory.base
            let parts = sizes.map { size in
                defer { next += size }
                return next
            }
            (scaled, system, right, shrink) = (parts[0], parts[1], parts[2], parts[3])
            (start, residual, direction, image) = (parts[4], parts[5], parts[6], parts[7])
        }
    }
    /// Fixed rows that are asked of memory before they are needed: rows of a million users lie in no cache.
    private static let ahead = 6
    /// Rows of T at a time where all of them are not needed at once.
    static let block = 256
    /// From so many entries on a row is solved exactly by all solvers: its d x d system costs one pass over the entries.
    static let manyEntries = 2048

    /// Solves the row in the basis.
    /// - Parameters:
    ///   - common: a_r / a0.
    ///   - prior: Q'm_r; `nil` = zero.
    ///   - output: the row's last solution, or zeros; the new one afterwards, NaN where there is none.
    func solve(
        _ entries: UnsafeBufferPointer<Int32>, _ confidences: UnsafeBufferPointer<Float>, regularization: Float,
        common: Float, prior: UnsafePointer<Float>?, solver: RowSolver, scratch: Scratch,
        into output: UnsafeMutablePointer<Float>
    ) {
        let d = dimension
        let n = entries.count
        let (shrink, start) = (scratch.shrink, scratch.start)
        // D^(-1/2); the floor keeps a direction without any weight at zero instead of dividing by it.
        eigenvalues.withUnsafeBufferPointer { eigenvalues in
            for k in 0..<d { shrink[k] = 1 / max(common * eigenvalues[k] + regularization, 1e-20).squareRoot() }
        }
        if let prior {
            for k in 0..<d { start[k] = regularization * prior[k] * shrink[k] }
        } else {
            start.update(repeating: 0, count: d)
        }
        guard n > 0 else {
            for k in 0..<d { output[k] = scratch.start[k] * scratch.shrink[k] }
            return
        }
        var isSolved = false
        if case .conjugateGradient(let steps) = solver, n > Self.fewEntries, n < Self.manyEntries {
            isSolved = iterate(entries, confidences, steps: steps, scratch: scratch, into: output)
        }
        if !isSolved {
            isSolved =
                n < d
                ? solveDual(entries, confidences, scratch: scratch, into: output)
                : solvePrimal(entries, confidences, scratch: scratch, into: output)
        }
        for k in 0..<d { output[k] = isSolved ? output[k] * scratch.shrink[k] : .nan }
    }

    /// D^(-1/2) z_j, times the root of the confidence where `isWeighted`.
    private func fillScaled(
        _ entries: UnsafeBufferPointer<Int32>.SubSequence, _ confidences: UnsafeBufferPointer<Float>.SubSequence,
        isWeighted: Bool, scratch: Scratch
    ) {
        let d = dimension
        let (shrink, scaled) = (scratch.shrink, scratch.scaled)
        rotated.elements.withUnsafeBufferPointer { fixed in
            guard let all = fixed.baseAddress else { return }
            var to = scaled
            let (first, end) = (entries.startIndex, entries.endIndex)
            for next in first..<min(end, first + Self.ahead) { willRead(all + Int(entries[next]) * d, bytes: 4 * d) }
            for (place, (entry, confidence)) in zip(first..., zip(entries, confidences)) {
                if place + Self.ahead < end { willRead(all + Int(entries[place + Self.ahead]) * d, bytes: 4 * d) }
                let from = all + Int(entry) * d
                if isWeighted {
                    let weight = confidence.squareRoot()
                    for k in 0..<d { to[k] = from[k] * shrink[k] * weight }
                } else {
                    for k in 0..<d { to[k] = from[k] * shrink[k] }
                }
                to += d
            }
        }
    }

    /// Conjugate gradients on (I + T'CT) y = T'c + p, T being unweighted.
    /// - Returns: false when a number left the range of Float32.
    private func iterate(
        _ entries: UnsafeBufferPointer<Int32>, _ confidences: UnsafeBufferPointer<Float>, steps: Int,
        scratch: Scratch, into output: UnsafeMutablePointer<Float>
    ) -> Bool {
        let d = dimension
        let n = entries.count
        fillScaled(entries[...], confidences[...], isWeighted: false, scratch: scratch)
        let (scaled, right, shrink, start) = (scratch.scaled, scratch.right, scratch.shrink, scratch.start)
        let (residual, direction, image) = (scratch.residual, scratch.direction, scratch.image)
        for k in 0..<d { output[k] /= shrink[k] }
        // r = T'C(1 - T y) + p - y
        BLAS.multiply(scaled, vector: output, into: right, m: n, n: d)
        for i in 0..<n { right[i] = confidences[i] * (1 - right[i]) }
        for k in 0..<d { residual[k] = start[k] - output[k] }
        BLAS.multiplyTransposed(scaled, vector: right, into: residual, m: n, n: d, beta: 1)
        direction.update(from: residual, count: d)
        var square = BLAS.dot(residual, residual, n: d)
        for _ in 0..<steps {
            guard square.isFinite else { return false }
            // As good as it gets in Float32.
            if square <= 1e-14 * Float(d) { break }
            BLAS.multiply(scaled, vector: direction, into: right, m: n, n: d)
            for i in 0..<n { right[i] *= confidences[i] }
            image.update(from: direction, count: d)
            BLAS.multiplyTransposed(scaled, vector: right, into: image, m: n, n: d, beta: 1)
            let curvature = BLAS.dot(direction, image, n: d)
            guard curvature > 0, curvature.isFinite else { return false }
            let step = square / curvature
            for k in 0..<d { output[k] += step * direction[k] }
            for k in 0..<d { residual[k] -= step * image[k] }
            let next = BLAS.dot(residual, residual, n: d)
            let ratio = next / square
            for k in 0..<d { direction[k] = residual[k] + ratio * direction[k] }
            square = next
        }
        return square.isFinite
    }

    private func solveDual(
        _ entries: UnsafeBufferPointer<Int32>, _ confidences: UnsafeBufferPointer<Float>, scratch: Scratch,
        into output: UnsafeMutablePointer<Float>
    ) -> Bool {
        let d = dimension
        let n = entries.count
        fillScaled(entries[...], confidences[...], isWeighted: true, scratch: scratch)
        BLAS.gram(scratch.scaled, into: scratch.system, n: n, k: d, rows: true)
        for i in 0..<n { scratch.system[i * n + i] += 1 }
        BLAS.multiply(scratch.scaled, vector: scratch.start, into: scratch.right, m: n, n: d)
        for i in 0..<n { scratch.right[i] = confidences[i].squareRoot() - scratch.right[i] }
        guard BLAS.solve(scratch.system, scratch.right, n: n) else { return false }
        for k in 0..<d { output[k] = scratch.start[k] }
        BLAS.multiplyTransposed(scratch.scaled, vector: scratch.right, into: output, m: n, n: d, beta: 1)
        return true
    }

    private func solvePrimal(
        _ entries: UnsafeBufferPointer<Int32>, _ confidences: UnsafeBufferPointer<Float>, scratch: Scratch,
        into output: UnsafeMutablePointer<Float>
    ) -> Bool {
        let d = dimension
        let n = entries.count
        for k in 0..<d { output[k] = scratch.start[k] }
        var done = 0
        while done < n {
            let end = min(n, done + Self.block)
            fillScaled(entries[done..<end], confidences[done..<end], isWeighted: true, scratch: scratch)
            BLAS.gram(scratch.scaled, into: scratch.system, n: d, k: end - done, rows: false, beta: done == 0 ? 0 : 1)
            for row in done..<end { scratch.right[row - done] = confidences[row].squareRoot() }
            BLAS.multiplyTransposed(scratch.scaled, vector: scratch.right, into: output, m: end - done, n: d, beta: 1)
            done = end
        }
        for k in 0..<d { scratch.system[k * d + k] += 1 }
        return BLAS.solve(scratch.system, output, n: d)
    }
}
