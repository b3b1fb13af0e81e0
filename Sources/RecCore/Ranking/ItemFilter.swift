// Which items a request wants, in terms of the catalogue's attributes.

/// A condition on an item's attributes. Attributes are texts; where numbers are compared, texts that are no numbers do not pass.
public indirect enum ItemFilter: Hashable, Sendable {
    /// The attribute has one of these values.
    case oneOf(field: String, values: Set<String>)
    /// The attribute is a number of the interval; a bound that is `nil` is open.
    case range(field: String, atLeast: Double?, above: Double?, atMost: Double?, below: Double?)
    /// The item has the attribute.
    case has(field: String)
    /// All of them; without any, every item passes.
    case all([ItemFilter])
    /// At least one of them; without any, no item passes.
    case any([ItemFilter])
    /// Every item that the other one refuses, those without the attribute too.
    case not(ItemFilter)

    /// How many passes over the items it takes.
    public var conditions: Int {
        switch self {
        case .oneOf, .range, .has: 1
        case .all(let parts), .any(let parts): 1 + parts.reduce(0) { $0 + $1.conditions }
        case .not(let part): 1 + part.conditions
        }
    }

    /// How many values its lists hold.
    public var listedValues: Int {
        switch self {
        case .oneOf(_, let values): values.count
        case .range, .has: 0
        case .all(let parts), .any(let parts): parts.reduce(0) { $0 + $1.listedValues }
        case .not(let part): part.listedValues
        }
    }

    /// Whether attributes pass, looked at one by one: the meaning, of which ``ItemAttributes`` is the fast form.
    public func admits(_ attributes: [String: String]) -> Bool {
        switch self {
        case .oneOf(let field, let values): attributes[field].map { values.contains($0) } ?? false
        case .range(let field, _, _, _, _): attributes[field].flatMap(Self.number).map { holds($0) } ?? false
        case .has(let field): attributes[field] != nil
        case .all(let parts): parts.allSatisfy { $0.admits(attributes) }
        case .any(let parts): parts.contains { $0.admits(attributes) }
        case .not(let part): !part.admits(attributes)
        }
    }

    /// An attribute as a number; `nil` = it is none.
    static func number(_ text: String) -> Double? { Double(text).flatMap { $0.isFinite ? $0 : nil } }

    /// For `.range`: whether a number is of the interval; NaN is of none.
    func holds(_ number: Double) -> Bool {
        guard case .range(_, let atLeast, let above, let atMost, let below) = self else { return false }
        return number >= atLeast ?? -.infinity && number > above ?? -.infinity && number <= atMost ?? .infinity
            && number < below ?? .infinity
    }
}

/// Raises the scores of items that pass a filter, or lowers them.
public struct ItemBoost: Hashable, Sendable {
    /// Which items.
    public let filter: ItemFilter
    /// Added to the score. Scores are logarithms of odds as far as the model's weights were fitted: ln 2 = 0.69 doubles an item's odds.
    public let amount: Double
    /// An amount below 0 lowers.
    public init(_ filter: ItemFilter, amount: Double) { (self.filter, self.amount) = (filter, amount) }
}

/// A boost on the rows of one model.
public struct RowBoost: Sendable {
    let rows: RowSet
    let amount: Float
    /// - Parameters:
    ///   - rows: of one model.
    ///   - amount: added to their scores.
    public init(rows: RowSet, amount: Double) { (self.rows, self.amount) = (rows, Float(amount)) }
}

extension [RowBoost] {
    /// Rows among which channels are to propose once more: those of each raise, and those that nothing lowers.
    var furtherRows: [(Int) -> Bool] {
        let lowered = filter { $0.amount < 0 }
        let raises = filter { $0.amount > 0 }.map { boost in { (row: Int) in boost.rows.contains(row) } }
        return lowered.isEmpty ? raises : raises + [{ row in !lowered.contains { $0.rows.contains(row) } }]
    }

    /// What all of them add to the score of a row.
    func amount(of row: Int) -> Float { reduce(0) { $1.rows.contains(row) ? $0 + $1.amount : $0 } }
}
