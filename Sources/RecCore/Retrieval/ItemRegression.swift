// Each item as a linear combination of all others: what neighbours say once what they say in common is counted once.

/// Item weights of a linear autoencoder in closed form.
///
///     P = (X'X + Lambda)^-1,   B_ij = -P_ij / P_jj,  B_jj = 0,   Lambda = 300 I + 0.33 diag(X'X)
///
/// X is users x items, 0 or 1. With Lambda = lambda I this is EASE (Steck, Embarrassingly Shallow Autoencoders, WWW 2019); the
/// part in proportion to the diagonal is the denoising of EDLAE (Steck, Autoencoders that don't overfit towards the identity,
/// NeurIPS 2020). The cost grows with the cube of the items, so catalogues beyond ``mostItems`` sold items go without.
public struct ItemRegression: Sendable {
    /// items x items; row i holds what having i says for each other item. Empty when the catalogue is too large.
    public let matrix: InteractionMatrix
    /// A regression that is known already; an empty matrix = none.
    public init(matrix: InteractionMatrix) { self.matrix = matrix }

    /// Sold items up to which the regression is made: 5,000 take about four seconds and 200 MB.
    public static let mostItems = 5000
    /// Entries kept, the largest of each row.
    static let mostEntries = 8_000_000
    static let ridge: Float = 300
    static let denoising: Float = 0.33

    /// - Complexity: O(sum over users of |S_u|^2 + sold items^3); memory O(sold items^2).
    public static func build(_ history: InteractionHistory) -> ItemRegression {
        let items = history.items.count
        let sold = (0..<items).filter { history.itemEvents[$0] > 0 }
        let count = sold.count
        guard count > 1, count <= mostItems else { return ItemRegression(matrix: .empty(rows: items, columns: items)) }
        var place = [Int32](repeating: -1, count: items)
        for (at, item) in sold.enumerated() { place[item] = Int32(at) }
        guard let inverse = inverse(history.matrix, place, count) else {
            return ItemRegression(matrix: .empty(rows: items, columns: items))
        }
        let kept = min(count, max(1, mostEntries / count))
        let grain = 64
        let gathered = Gathered(count: (items + grain - 1) / grain)
        let places = place
        forEachRange(items, grain: grain) { range in
            var part = Gathered.Part()
            for item in range {
                let row = Int(places[item])
                var best = TopK(capacity: kept)
                if row >= 0 {
                    for other in 0..<count where other != row {
                        let weight = -inverse[row * count + other] / inverse[other * count + other]
                        if weight != 0, weight.isFinite { best.offer(ScoredRow(row: other, score: abs(weight))) }
                    }
                }
                let entries = best.sorted().map(\.row).sorted()
                part.lengths.append(entries.count)
                for other in entries {
                    part.indices.append(Int32(sold[other]))
                    part.values.append(-inverse[row * count + other] / inverse[other * count + other])
                }
            }
            gathered.put(range.lowerBound / grain, part)
        }
        return ItemRegression(matrix: gathered.matrix(rows: items, columns: items).matrix)
    }

    /// (X'X + Lambda)^-1, both triangles; `nil` when it is not finite.
    private static func inverse(_ users: InteractionMatrix, _ place: [Int32], _ count: Int) -> [Float]? {
        var gram = [Float](repeating: 0, count: count * count)
        for user in 0..<users.rows {
            let row = users.range(of: user).map { Int(place[Int(users.indices[$0])]) }.filter { $0 >= 0 }
            for i in row {
                for j in row { gram[i * count + j] += 1 }
            }
        }
        for i in 0..<count { gram[i * count + i] += ridge + denoising * gram[i * count + i] }
        guard BLAS.invert(&gram, n: count) else { return nil }
        return gram
    }
}
