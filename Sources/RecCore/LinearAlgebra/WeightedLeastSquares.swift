// A row of alternating least squares, solved exactly while the other side is fixed.
import Synchronization

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
/// - Complexity: O(fixed rows * d^2 + sum over rows of min(n^2 d + n^3, n d^2 + d^3)); see ``RowSystem``.
struct WeightedLeastSquares: Sendable {
    /// d x d, eigenvector j in row j.
    let basis: DenseMatrix
    private let system: RowSystem
    private let spare = Spare()
    var dimension: Int { basis.columns }

    /// - Returns: `nil` when the fixed rows are not finite or the eigenvalue iteration fails.
    /// - Parameter shares: b_j, from 0 to 1; `nil` = all 1.
    init?(fixed: DenseMatrix, unobservedWeight: Float, shares: Column<Float>? = nil) {
        guard let (values, basis) = Self.basis(of: fixed, unobservedWeight: unobservedWeight, shares: shares) else {
            return nil
        }
        self.basis = basis
        system = RowSystem(eigenvalues: values, rotated: fixed.multipliedByTransposed(basis))
    }

    /// Working memory that no call uses at the moment: one for each that ever ran at the same time.
    private final class Spare: Sendable {
        private let held = Mutex<[RowSystem.Scratch]>([])
        func take() -> RowSystem.Scratch? { held.withLock { $0.popLast() } }
        func give(_ scratch: RowSystem.Scratch) { held.withLock { $0.append(scratch) } }
    }

    /// Eigenvalues and eigenvectors of a0 F'BF.
    static func basis(
        of fixed: DenseMatrix, unobservedWeight: Float, shares: Column<Float>?
    ) -> (eigenvalues: [Float], basis: DenseMatrix)? {
        let d = fixed.columns
        var gram = (shares.map { fixed.scaledRows(by: $0) } ?? fixed).gram().map { $0 * unobservedWeight }
        guard gram.allSatisfy(\.isFinite), let values = BLAS.eigen(&gram, n: d) else { return nil }
        return (values.map { max(0, $0) }, DenseMatrix(rows: d, columns: d, gram))
    }

    /// Solves one row, for example a user known by a few events. `prior` = the mean m_r, in the original basis.
    func solve(entries: [Int32], confidences: [Float], regularization: Float, prior: [Float]? = nil) -> [Float] {
        let d = dimension
        precondition(entries.count == confidences.count, "\(entries.count) entries, \(confidences.count) confidences")
        precondition(
            entries.allSatisfy { $0 >= 0 && Int($0) < system.rotated.rows },
            "an entry outside 0..<\(system.rotated.rows)")
        precondition(prior.map { $0.count == d } ?? true, "the prior does not have \(d) dimensions")
        let scratch = spare.take() ?? RowSystem.Scratch(dimension: d, solver: .exact)
        defer { spare.give(scratch) }
        let turnedPrior = prior.map { basis.multiplied(byVector: $0) }
        var solution = [Float](repeating: 0, count: d)
        entries.withUnsafeBufferPointer { entries in
            confidences.withUnsafeBufferPointer { confidences in
                solution.withUnsafeMutableBufferPointer { solution in
                    guard let base = solution.baseAddress else { return }
                    system.solve(
                        entries, confidences, regularization: regularization, common: 1, prior: turnedPrior,
                        solver: .exact, scratch: scratch, into: base)
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
        for k in 0..<d { shrink[k] = 1 / max(system.eigenvalues[k] + regularization, 1e-20).squareRoot() }
        func scaled(_ row: Int, _ weight: Float) -> [Float] {
            system.rotated[row: row].enumerated().map { $1 * shrink[$0] * weight }
        }
        let known = zip(entries, confidences).flatMap { scaled(Int($0), $1.squareRoot()) }
        var matrix = [Float](repeating: 0, count: d * d)
        BLAS.gram(known, into: &matrix, n: d, k: n, rows: false)
        for k in 0..<d { matrix[k * d + k] += 1 }
        var solutions = targets.flatMap { scaled($0, 1) }
        guard BLAS.solve(&matrix, &solutions, n: d, count: targets.count) else {
            return targets.map { _ in [Float](repeating: 0, count: n) }
        }
        var amounts = [Float](repeating: 0, count: targets.count * n)
        BLAS.multiplyTransposed(solutions, known, into: &amounts, m: targets.count, n: n, k: d)
        return targets.indices.map { place in
            (0..<n).map { amounts[place * n + $0] * confidences[$0].squareRoot() }
        }
    }
}
