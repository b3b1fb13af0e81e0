// What the catalogue says of items, as sparse weighted features.

/// Items x features, each row of length 1: words and categories weighted by tf-idf. Any catalogue, any column names.
///
/// A column is read by its values alone: numbers with many values become ten equally filled ranges, short values that repeat
/// become categories, everything else becomes words. A feature that only one item has, or more than nine in ten, tells nothing
/// and is left out.
public struct ItemFeatures: Sendable {
    /// Feature names, as `column=value` or `word:word`.
    public let vocabulary: IDMap
    /// ln(items / items with the feature).
    public let weights: Column<Float>
    /// How each column of the catalogue was read, so that later items are read the same way.
    public let encoder: FeatureEncoder
    /// items x features, rows of length 1 or empty.
    public let matrix: InteractionMatrix

    /// Of the features of every item.
    var digests: [ColumnDigest] {
        [.init(vocabulary.bytes), .init(matrix.offsets), .init(matrix.indices), .init(matrix.values)]
    }

    /// Features that are known already, as ``build(_:limit:)`` makes them.
    /// - Precondition: `weights` and the columns of `matrix` are as many as `vocabulary`.
    public init(vocabulary: IDMap, weights: Column<Float>, encoder: FeatureEncoder, matrix: InteractionMatrix) {
        precondition(weights.count == vocabulary.count, "\(weights.count) weights, \(vocabulary.count) features")
        precondition(matrix.columns == vocabulary.count, "\(matrix.columns) columns, \(vocabulary.count) features")
        (self.vocabulary, self.weights, self.encoder, self.matrix) = (vocabulary, weights, encoder, matrix)
    }

    /// - Parameters:
    ///   - attributes: of each item row; empty where the catalogue knows nothing.
    ///   - limit: the most features to keep, those on most items first.
    /// - Complexity: O(total text).
    public static func build(_ attributes: [[String: String]], limit: Int = 20_000) -> ItemFeatures {
        let encoder = FeatureEncoder.build(attributes)
        var frequency: [String: Int] = [:]
        let documents = attributes.map { encoder.terms(of: $0) }
        for terms in documents {
            for term in terms.keys { frequency[term, default: 0] += 1 }
        }
        let most = max(2, attributes.count * 9 / 10)
        let kept =
            frequency.filter { $0.value >= 2 && $0.value <= most }
            .sorted { ($1.value, $0.key) < ($0.value, $1.key) }.prefix(limit).map(\.key).sorted()
        let vocabulary = IDMap(kept)
        let weights = Column(kept.map { Float(logOf(Double(attributes.count) / Double(frequency[$0] ?? 1))) })
        var offsets: [Int64] = [0]
        var indices: [Int32] = []
        var values: [Float] = []
        for terms in documents {
            for (feature, value) in row(of: terms, vocabulary, weights) {
                indices.append(feature)
                values.append(value)
            }
            offsets.append(Int64(indices.count))
        }
        return ItemFeatures(
            vocabulary: vocabulary, weights: weights, encoder: encoder,
            matrix: InteractionMatrix(
                rows: attributes.count, columns: kept.count, offsets: Column(offsets), indices: Column(indices),
                values: Column(values)))
    }

    /// The features of one item, by the vocabulary and the weights of training: columns ascending, length 1.
    ///
    /// For attributes that training saw this is, to the bit, the row that ``build(_:limit:)`` made of them. Columns, words and
    /// values that training did not keep give nothing, nor does text in a column of numbers; the row is empty when nothing is left.
    /// - Complexity: O(text).
    public func row(of attributes: [String: String]) -> [(column: Int32, value: Float)] {
        Self.row(of: encoder.terms(of: attributes), vocabulary, weights)
    }

    private static func row(
        of terms: [String: Float], _ vocabulary: IDMap, _ weights: Column<Float>
    ) -> [(column: Int32, value: Float)] {
        var row: [(column: Int32, value: Float)] = []
        for (term, count) in terms {
            guard let feature = vocabulary.row(of: term) else { continue }
            row.append((Int32(feature), Float(1 + logOf(Double(count))) * weights[feature]))
        }
        row.sort { $0.column < $1.column }
        let length = row.reduce(0.0) { $0 + Double($1.value) * Double($1.value) }.squareRoot()
        guard length > 0 else { return [] }
        return row.map { ($0.column, $0.value / Float(length)) }
    }

    /// Whether these attributes lead to other features than the item has.
    func differs(_ attributes: [String: String], fromItem item: Int) -> Bool {
        let row = row(of: attributes)
        let held = matrix.range(of: item)
        return row.count != held.count
            || zip(row, held).contains { $0.column != matrix.indices[$1] || $0.value != matrix.values[$1] }
    }

    /// The same features with other rows, and perhaps more items, those without a row being empty.
    /// - Complexity: O(items) when nothing changes, else O(entries) copied.
    func replacing(_ changed: [Int: [(column: Int32, value: Float)]], items: Int) -> ItemFeatures {
        ItemFeatures(
            vocabulary: vocabulary, weights: weights, encoder: encoder,
            matrix: matrix.replacing(changed, rows: items, columns: matrix.columns))
    }
}
