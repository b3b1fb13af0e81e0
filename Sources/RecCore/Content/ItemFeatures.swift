// What the catalogue says of items, as sparse weighted features.

/// Items x features, each row of length 1: words and categories weighted by tf-idf. Any catalogue, any column names.
///
/// A column is read by its values alone: numbers with many values become ten equally filled ranges, short values that repeat
/// become categories, everything else becomes words. A feature that only one item has, or more than nine in ten, tells nothing
/// and is left out.
public struct ItemFeatures: Sendable {
    /// Feature names, as `column=value` or `column:word`.
    public let vocabulary: IDMap
    /// ln(items / items with the feature).
    public let weights: Column<Float>
    /// items x features, rows of length 1 or empty.
    public let matrix: InteractionMatrix

    public init(vocabulary: IDMap, weights: Column<Float>, matrix: InteractionMatrix) {
        (self.vocabulary, self.weights, self.matrix) = (vocabulary, weights, matrix)
    }

    /// - Parameters:
    ///   - attributes: of each item row; empty where the catalogue knows nothing.
    ///   - limit: the most features to keep, those on most items first.
    /// - Complexity: O(total text).
    public static func build(_ attributes: [[String: String]], limit: Int = 20_000) -> ItemFeatures {
        var columns: [String: ColumnReader] = [:]
        for name in Set(attributes.flatMap(\.keys)) {
            columns[name] = ColumnReader(name: name, values: attributes.compactMap { $0[name] })
        }
        let names = columns.keys.sorted()
        var documents: [[String: Float]] = []
        var frequency: [String: Int] = [:]
        documents.reserveCapacity(attributes.count)
        for row in attributes {
            var terms: [String: Float] = [:]
            for name in names {
                guard let value = row[name], let reader = columns[name] else { continue }
                for term in reader.terms(of: value) { terms[term, default: 0] += 1 }
            }
            for term in terms.keys { frequency[term, default: 0] += 1 }
            documents.append(terms)
        }
        let most = max(2, attributes.count * 9 / 10)
        let kept =
            frequency.filter { $0.value >= 2 && $0.value <= most }
            .sorted { ($1.value, $0.key) < ($0.value, $1.key) }.prefix(limit).map(\.key).sorted()
        let vocabulary = IDMap(kept)
        let weights = kept.map { Float(logOf(Double(attributes.count) / Double(frequency[$0] ?? 1))) }
        var offsets: [Int64] = [0]
        var indices: [Int32] = []
        var values: [Float] = []
        for terms in documents {
            var row: [(Int32, Float)] = []
            for (term, count) in terms {
                guard let feature = vocabulary.row(of: term) else { continue }
                row.append((Int32(feature), Float(1 + logOf(Double(count))) * weights[feature]))
            }
            row.sort { $0.0 < $1.0 }
            let length = row.reduce(0.0) { $0 + Double($1.1) * Double($1.1) }.squareRoot()
            if length > 0 {
                for (feature, value) in row {
                    indices.append(feature)
                    values.append(value / Float(length))
                }
            }
            offsets.append(Int64(indices.count))
        }
        return ItemFeatures(
            vocabulary: vocabulary, weights: Column(weights),
            matrix: InteractionMatrix(
                rows: attributes.count, columns: kept.count, offsets: Column(offsets), indices: Column(indices),
                values: Column(values)))
    }
}

/// How one catalogue column becomes features.
private struct ColumnReader {
    enum Form {
        case ranges([Double])
        case categories
        case words
    }
    let name: String
    let form: Form

    init(name: String, values: [String]) {
        self.name = name
        let distinct = Set(values)
        let numbers = values.compactMap(Double.init).filter(\.isFinite)
        if numbers.count == values.count, distinct.count > 30 {
            let sorted = numbers.sorted()
            form = .ranges((1..<10).map { sorted[sorted.count * $0 / 10] })
        } else if values.allSatisfy({ $0.utf8.count <= 60 }), distinct.count * 2 <= values.count {
            form = .categories
        } else {
            form = .words
        }
    }

    func terms(of value: String) -> [String] {
        switch form {
        case .ranges(let limits):
            guard let number = Double(value), number.isFinite else { return [] }
            return ["\(name)=range \(limits.firstIndex { number < $0 } ?? limits.count)"]
        case .categories:
            return ["\(name)=\(value.lowercased())"] + Self.words(value).map { "word:\($0)" }
        case .words:
            return Self.words(value).map { "word:\($0)" }
        }
    }

    static func words(_ text: String) -> [String] {
        text.lowercased().split { !$0.isLetter && !$0.isNumber }.filter { $0.count > 1 }.prefix(256).map(String.init)
    }
}
