// What a query of Prometheus reads: names of metrics, conditions on labels, labels that it groups by.

/// Found by its words alone: enough to see whether what it names is there. `promtool` sees to its grammar.
struct PromQuery {
    /// One condition in braces: `status=~"5.."`.
    struct Condition: Hashable {
        let metric: String
        let label: String
        let comparison: String
        let value: String
    }
    private(set) var metrics: Set<String> = []
    private(set) var conditions: Set<Condition> = []
    /// Labels behind `by`, `on` and the like.
    private(set) var groupings: Set<String> = []

    private static let grouping: Set = ["by", "without", "on", "ignoring", "group_left", "group_right"]
    private static let words: Set = ["and", "or", "unless", "bool", "offset", "inf", "nan"]

    init(_ text: String) {
        var words = Words(Self.split(text))
        while let word = words.take() {
            if word == "[" {
                while let inside = words.take(), inside != "]" {}
            } else if Self.grouping.contains(word) {
                guard words.takes("(") else { continue }
                while let label = words.take(), label != ")" { if label != "," { groupings.insert(label) } }
            } else if Self.isName(word), !Self.words.contains(word.lowercased()) {
                // A function, or an aggregation with its labels before what it sums.
                if let next = words.next, next == "(" || Self.grouping.contains(next) { continue }
                metrics.insert(word)
                if words.takes("{") { readConditions(of: word, &words) }
            }
        }
    }

    private mutating func readConditions(of metric: String, _ words: inout Words) {
        while let label = words.take(), label != "}" {
            guard label != "," else { continue }
            var comparison = ""
            while let next = words.next, ["=", "!", "~"].contains(next) { comparison += words.take() ?? "" }
            let value = (words.take() ?? "").dropFirst().dropLast()
            conditions.insert(
                Condition(metric: metric, label: label, comparison: comparison, value: String(value)))
        }
    }

    private struct Words {
        private var rest: ArraySlice<String>
        init(_ all: [String]) { rest = all[...] }
        var next: String? { rest.first }
        mutating func take() -> String? { rest.popFirst() }
        mutating func takes(_ word: String) -> Bool {
            guard rest.first == word else { return false }
            rest.removeFirst()
            return true
        }
    }

    private static func isName(_ word: String) -> Bool {
        guard let first = word.first else { return false }
        return first.isLetter || first == "_" || first == ":"
    }

    /// Names, numbers, quoted texts with their quotes, and single signs; `$name` and numbers are no names.
    private static func split(_ text: String) -> [String] {
        var words: [String] = []
        var word = ""
        var isQuoted = false
        for letter in text {
            if isQuoted {
                word.append(letter)
                if letter == "\"" {
                    isQuoted = false
                    words.append(word)
                    word = ""
                }
            } else if letter.isLetter || letter.isNumber || "_:$.".contains(letter) {
                word.append(letter)
            } else {
                if !word.isEmpty { words.append(word) }
                word = ""
                if letter == "\"" {
                    isQuoted = true
                    word = "\""
                } else if !letter.isWhitespace {
                    words.append(String(letter))
                }
            }
        }
        return word.isEmpty ? words : words + [word]
    }
}
