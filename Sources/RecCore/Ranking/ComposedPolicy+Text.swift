// How policies are written, and read again: `plackett_luce(0.4)+temper(0.1)+reserve(6,50)`.

/// Why a text is no policy.
public struct InvalidPolicy: Error, Sendable, Hashable, CustomStringConvertible {
    /// The text as it came.
    public let text: String
    /// What is wrong with it.
    public let reason: String
    /// - Parameters:
    ///   - text: as it came; a message shows its first 80 characters.
    ///   - reason: what follows the text in a message, as `has a part without its closing bracket`.
    public init(text: String, reason: String) { (self.text, self.reason) = (text, reason) }
    public var description: String { "the policy \(text.prefix(80)) \(reason)" }
}

extension ComposedPolicy {
    /// The grammar, for people.
    public static let grammar = """
        greedy, epsilon_greedy(E), plackett_luce(T) or thompson(S); behind it, each once, +temper(G), +diversity(L), +quota(COLUMN,N), \
        +reserve(PLACE,IMPRESSIONS)
        """

    public var text: String {
        var text =
            switch choice {
            case .greedy: "greedy"
            case .epsilonGreedy(let epsilon): "epsilon_greedy(\(epsilon))"
            case .plackettLuce(let temperature): "plackett_luce(\(temperature))"
            case .thompson(let sigma): "thompson(\(sigma))"
            }
        if temper != 0 { text += "+temper(\(temper))" }
        if diversity != 0 { text += "+diversity(\(diversity))" }
        if let quota { text += "+quota(\(quota.column),\(quota.most))" }
        if let reserve { text += "+reserve(\(reserve.place),\(reserve.floor))" }
        return text
    }

    /// - Throws: with what is wrong and what would be right.
    public init(_ text: String) throws(InvalidPolicy) {
        func invalid(_ reason: String) -> InvalidPolicy { InvalidPolicy(text: text, reason: reason) }
        guard text.utf8.count <= 400 else { throw invalid("is longer than 400 bytes") }
        var parts: [(name: String, values: [String])] = []
        for part in text.split(separator: "+", omittingEmptySubsequences: false) {
            let pieces = part.split(separator: "(", maxSplits: 1, omittingEmptySubsequences: false)
            let name = Self.trimmed(pieces[0])
            guard pieces.count == 2 else {
                parts.append((name, []))
                continue
            }
            guard pieces[1].last(where: { $0 != " " }) == ")" else {
                throw invalid("has a part without its closing bracket")
            }
            parts.append(
                (
                    name,
                    pieces[1].reversed().drop { $0 != ")" }.dropFirst().reversed().split(
                        separator: ",", omittingEmptySubsequences: false
                    ).map { Self.trimmed(Substring($0)) }
                ))
        }
        func number(_ part: (name: String, values: [String]), _ range: ClosedRange<Double>) throws(InvalidPolicy)
            -> Double
        {
            guard part.values.count == 1, let value = Double(part.values[0]), range.contains(value) else {
                throw invalid("needs \(part.name)(number in \(range.lowerBound)...\(range.upperBound))")
            }
            return value
        }
        func whole(_ text: String, _ range: ClosedRange<Int>, _ usage: String) throws(InvalidPolicy) -> Int {
            guard let value = Int(text), range.contains(value) else {
                throw invalid("needs \(usage), a whole number in \(range.lowerBound)...\(range.upperBound)")
            }
            return value
        }
        let first = parts[0]
        switch first.name {
        case "greedy":
            guard first.values.isEmpty else { throw invalid("gives greedy a number; it takes none") }
            self.init(.greedy)
        case "epsilon_greedy": self.init(.epsilonGreedy(try number(first, 0...1)))
        case "plackett_luce": self.init(.plackettLuce(temperature: try number(first, 1e-6...1000)))
        case "thompson": self.init(.thompson(sigma: try number(first, 0...1000)))
        default: throw invalid("begins with none of greedy, epsilon_greedy, plackett_luce, thompson")
        }
        var seen: Set<String> = []
        for part in parts.dropFirst() {
            guard seen.insert(part.name).inserted else { throw invalid("names \(part.name) twice") }
            switch part.name {
            case "temper": temper = try number(part, -10...10)
            case "diversity": diversity = try number(part, 0...1000)
            case "quota":
                guard part.values.count == 2, !part.values[0].isEmpty else { throw invalid("needs quota(COLUMN,N)") }
                quota = Quota(column: part.values[0], most: try whole(part.values[1], 1...1000, "N of quota(COLUMN,N)"))
            case "reserve":
                guard part.values.count == 2 else { throw invalid("needs reserve(PLACE,IMPRESSIONS)") }
                reserve = Reserve(
                    place: try whole(part.values[0], 1...1000, "PLACE of reserve(PLACE,IMPRESSIONS)"),
                    floor: try whole(part.values[1], 1...1_000_000_000, "IMPRESSIONS of reserve(PLACE,IMPRESSIONS)"))
            default: throw invalid("has a part that is none of temper, diversity, quota, reserve")
            }
        }
    }

    private static func trimmed(_ text: Substring) -> String {
        String(text.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
    }
}
