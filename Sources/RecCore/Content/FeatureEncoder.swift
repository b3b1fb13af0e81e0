// How the columns of a catalogue become features: decided once at training, kept with the model.

/// Turns an item's attributes into feature names, each column in the form that its values had at training.
public struct FeatureEncoder: Sendable, Hashable {
    /// How one column is read.
    public enum Form: Sendable, Hashable {
        /// A number: the range between these ascending limits that it falls into.
        case ranges([Double])
        /// A whole number of many digits that repeats, such as the number of a model in several colours: the value itself, and
        /// its range.
        case codes([Double])
        /// A short value that repeats: the value itself, and its words.
        case categories
        /// Text: its words.
        case words
    }

    /// Column name to form. Columns that are not named give no feature.
    public let columns: [String: Form]
    /// An encoder that reads these columns in these forms and no other.
    public init(columns: [String: Form]) { self.columns = columns }

    /// Columns that are read, those that most items have first; a catalogue with a column an item is no table.
    static let mostColumns = 500
    /// Longest name of a column that is read, in UTF-8 bytes.
    static let longestName = 200

    /// - Parameter attributes: of each item.
    /// - Complexity: O(values).
    static func build(_ attributes: [[String: String]]) -> FeatureEncoder {
        var values: [String: [String]] = [:]
        for row in attributes {
            for (name, value) in row where name.utf8.count <= longestName { values[name, default: []].append(value) }
        }
        let kept = values.sorted { ($1.value.count, $0.key) < ($0.value.count, $1.key) }.prefix(mostColumns)
        return FeatureEncoder(columns: Dictionary(uniqueKeysWithValues: kept.map { ($0.key, form(of: $0.value)) }))
    }

    private static func form(of values: [String]) -> Form {
        let distinct = Set(values)
        let numbers = values.compactMap(Double.init).filter(\.isFinite)
        if numbers.count == values.count, distinct.count > 30 {
            let sorted = numbers.sorted()
            let limits = (1..<10).map { sorted[sorted.count * $0 / 10] }
            let isCode = distinct.count * 2 <= values.count && values.allSatisfy(isLongNumber)
            return isCode ? .codes(limits) : .ranges(limits)
        }
        let isShort = values.allSatisfy { $0.utf8.count <= 60 }
        return isShort && distinct.count * 2 <= values.count ? .categories : .words
    }

    /// Digits alone, more than a year has.
    private static func isLongNumber(_ value: String) -> Bool {
        value.utf8.count >= 5 && value.utf8.allSatisfy { (0x30...0x39).contains($0) }
    }

    /// Feature names with how often each occurs.
    func terms(of attributes: [String: String]) -> [String: Float] {
        var terms: [String: Float] = [:]
        for (name, value) in attributes {
            guard let form = columns[name] else { continue }
            for term in Self.terms(of: value, name, form) { terms[term, default: 0] += 1 }
        }
        return terms
    }

    private static func terms(of value: String, _ name: String, _ form: Form) -> [String] {
        switch form {
        case .codes(let limits):
            return Self.terms(of: value, name, .ranges(limits)) + ["\(name)=\(value)"]
        case .ranges(let limits):
            guard let number = Double(value), number.isFinite else { return [] }
            return ["\(name)=range \(limits.firstIndex { number < $0 } ?? limits.count)"]
        case .categories:
            return ["\(name)=\(value.lowercased())"] + words(value).map { "word:\($0)" }
        case .words:
            return words(value).map { "word:\($0)" }
        }
    }

    private static func words(_ text: String) -> [String] {
        text.lowercased().split { !$0.isLetter && !$0.isNumber }.filter { $0.count > 1 }.prefix(256).map(String.init)
    }
}
