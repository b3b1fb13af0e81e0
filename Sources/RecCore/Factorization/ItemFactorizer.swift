// Factors of items from elsewhere, and the users' side that goes with them.

/// Finds the factors of items by other means than ``ALSTrainer``, such as a cluster of machines.
///
/// A training run asks it once for each validation window and once for the model itself. The users' factors are not asked
/// for: they are solved against the items' by ``ALSTrainer``, so that each of them is the fold-in of its history.
public protocol ItemFactorizer: Sendable {
    /// What the manifest of a model calls it, such as `spark`.
    var name: String { get }
    /// All that the factors follow from beside matrix and configuration: a training run that was killed goes on from what it chose
    /// only where this text is the same. By default the name.
    var fingerprint: String { get }
    /// - Parameters:
    ///   - matrix: users x items, confidences above zero.
    ///   - configuration: what the factors are to minimise; ``ALSConfiguration/solver`` and the flags for attributes and
    ///     exposure are not for it.
    ///   - report: told what is done, in lines for a person.
    /// - Returns: items x d, all finite; a row without entries may be zero.
    /// - Throws: ``TrainingError``; `.factorizer` when it could not do its work.
    func itemFactors(
        of matrix: InteractionMatrix, _ configuration: ALSConfiguration, report: (String) -> Void
    ) throws(TrainingError) -> DenseMatrix
}

extension ItemFactorizer {
    public var fingerprint: String { name }
}

extension ALSTrainer {
    /// The users' side for given factors of items, exactly solved, both turned into the basis in which the weighted Gram matrix
    /// of the items is diagonal.
    /// - Parameters:
    ///   - matrix: users x items, confidences.
    ///   - items: items x d.
    ///   - exposure: of each item, as in ``ALSSideInformation``; `nil` = all 1.
    /// - Throws: `.data` when the matrix has no entry, `.factorizer` when the factors do not fit it or are not finite,
    ///   `.numerical` when the users' factors leave the range of Float32.
    /// - Complexity: that of half an exact sweep, see `WeightedLeastSquares`.
    public func solvingUsers(
        of matrix: InteractionMatrix, items: DenseMatrix, exposure: Column<Float>? = nil
    ) throws(TrainingError) -> ALSResult {
        guard matrix.entryCount > 0 else {
            throw .data("no interactions with a weight above zero: nothing to learn from")
        }
        guard items.rows == matrix.columns, items.columns == configuration.dimension else {
            throw .factorizer(
                "the factors are \(items.rows) x \(items.columns) for \(matrix.columns) items and \(configuration.dimension) factors"
            )
        }
        guard items.isFinite else { throw .factorizer("a factor of an item is not a finite number") }
        let fixed = Side(
            FactorRows(copying: items), .empty(rows: matrix.columns, columns: matrix.rows), nil, shares: exposure,
            name: "items")
        let users = Side(
            FactorRows(rows: matrix.rows, columns: items.columns), matrix, nil, shares: nil, name: "users")
        try half(users, fixed: fixed, .exact)
        return ALSResult(
            factors: Factors(users: users.rows.view, items: fixed.rows.view), itemPrior: nil, userPrior: nil, sweeps: 0)
    }
}
