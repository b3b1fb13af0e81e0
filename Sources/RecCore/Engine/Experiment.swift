// Which users get which variant, without a table of users.

/// An A/B test: every user belongs to one variant for as long as it runs, on every server, by a hash of the name alone.
public struct Experiment: Sendable, Hashable {
    /// A model and a policy under test.
    public struct Variant: Sendable, Hashable {
        /// Stands in answers and metrics: 1 to 32 lower-case letters, digits, `_` or `-`.
        public let name: String
        /// Relative to those of the other variants; above zero.
        public let share: Double
        /// `nil` = the current version, whichever it is.
        public let model: ModelVersion?
        /// How the list is drawn from scores, as ``PolicyChoice/init(_:)`` reads it; `nil` = as the server does it.
        public let policy: String?
        /// - Parameters:
        ///   - name: 1 to 32 lower-case letters, digits, `_` or `-`.
        ///   - share: relative to those of the others; above zero.
        ///   - model: `nil` = the current version.
        ///   - policy: `nil` = as the server does it.
        public init(name: String, share: Double, model: ModelVersion? = nil, policy: String? = nil) {
            (self.name, self.share, self.model, self.policy) = (name, share, model, policy)
        }
    }

    /// Another name shuffles users anew.
    public let name: String
    /// One to twenty.
    public let variants: [Variant]
    /// Upper ends of the variants' parts of 0..<1.
    private let ends: [Double]

    /// - Throws: with everything that is wrong.
    public init(name: String, variants: [Variant]) throws(InvalidExperiment) {
        var problems: [String] = []
        if InteractionKind(name) == nil { problems.append("the name \(name.prefix(40)) is not a plain word") }
        if !(1...20).contains(variants.count) { problems.append("\(variants.count) variants are not 1 to 20") }
        if Set(variants.map(\.name)).count < variants.count { problems.append("two variants have one name") }
        for variant in variants {
            if InteractionKind(variant.name) == nil {
                problems.append("the variant \(variant.name.prefix(40)) is not a plain word")
            }
            if !(variant.share.isFinite && variant.share > 0) {
                problems.append("the share of \(variant.name.prefix(40)) is not above zero")
            }
            do throws(InvalidPolicy) {
                _ = try variant.policy.map { text throws(InvalidPolicy) in try PolicyChoice(text) }
            } catch {
                problems.append("of \(variant.name.prefix(40)): \(error)")
            }
        }
        guard problems.isEmpty else { throw InvalidExperiment(problems: problems) }
        (self.name, self.variants) = (name, variants)
        let total = variants.reduce(0) { $0 + $1.share }
        var sum = 0.0
        ends = variants.map { variant in
            sum += variant.share / total
            return sum
        }
    }

    /// The variant of a user. - Complexity: O(length of the names + variants).
    public func variant(of user: UserID) -> Variant {
        let point = Self.point(name + "\u{1F}" + user.rawValue)
        return variants[ends.firstIndex { point < $0 } ?? variants.count - 1]
    }

    /// A text's place in 0..<1: the first number of a generator that its hash seeds, as the hash alone leaves neighbouring names close
    /// together.
    static func point(_ text: String) -> Double {
        var generator = SplitMix64(seed: IDMap.hash(text.utf8))
        return Double(generator.next() >> 11) * 0x1p-53
    }
}

/// What is wrong with an experiment.
public struct InvalidExperiment: Error, Hashable, Sendable, CustomStringConvertible {
    /// One sentence each.
    public let problems: [String]
    /// - Parameter problems: one sentence each, none of them empty.
    public init(problems: [String]) { self.problems = problems }
    public var description: String { "experiment: " + problems.joined(separator: "; ") }
}
