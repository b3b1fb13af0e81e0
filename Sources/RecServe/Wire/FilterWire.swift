// Filters and boosts as JSON.
import RecCore

/// One condition: `{"field": "department", "in": ["Jackets"]}`, `{"field": "price", "gte": 10, "lt": 20}`,
/// `{"field": "colour", "exists": true}`, or several: `{"all": [...]}`, `{"any": [...]}`, `{"not": {...}}`.
struct FilterWire: Decodable {
    let filter: ItemFilter

    private enum CodingKeys: String, CodingKey, CaseIterable {
        case field, exists, all, any, not, gt, gte, lt, lte
        case oneOf = "in"
    }

    /// Conditions of one request, in its filter and boosts together: each is a pass over all items.
    static let mostConditions = 64
    /// Values in the lists of one filter.
    static let mostValues = 1000

    init(from decoder: any Decoder) throws {
        let fields = try decoder.fields(CodingKeys.self)
        let path = decoder.codingPath
        func refused(_ detail: String) -> Problem { .invalid(detail, pointer: JSONReading.pointer(path)) }
        let kinds: [CodingKeys] = [.all, .any, .not, .field].filter { fields.contains($0) }
        guard kinds.count == 1 else { throw refused("holds none or several of all, any, not and field") }
        if kinds[0] != .field, fields.allKeys.count > 1 { throw refused("holds more than \(kinds[0].stringValue)") }
        switch kinds[0] {
        case .all: filter = .all(try fields.required([FilterWire].self, .all).map(\.filter))
        case .any: filter = .any(try fields.required([FilterWire].self, .any).map(\.filter))
        case .not: filter = .not(try fields.required(FilterWire.self, .not).filter)
        default:
            let field = try fields.required(String.self, .field)
            let values = try fields.optional([String].self, .oneOf)
            let exists = try fields.optional(Bool.self, .exists)
            let bounds = try [CodingKeys.gte, .gt, .lte, .lt].map { try fields.optional(Double.self, $0) }
            let hasBounds = bounds.contains { $0 != nil }
            guard [values != nil, exists != nil, hasBounds].filter({ $0 }).count == 1 else {
                throw refused("holds none or several of in, exists and bounds (gt, gte, lt, lte)")
            }
            if let values {
                filter = .oneOf(field: field, values: Set(values))
            } else if let exists {
                filter = exists ? .has(field: field) : .not(.has(field: field))
            } else {
                filter = .range(
                    field: field, atLeast: bounds[0], above: bounds[1], atMost: bounds[2], below: bounds[3])
            }
        }
        guard filter.conditions <= Self.mostConditions, filter.listedValues <= Self.mostValues else {
            throw refused("has more than \(Self.mostConditions) conditions or \(Self.mostValues) values")
        }
    }
}

/// `{"filter": {...}, "weight": 0.7}`: items that pass get the weight added to their score.
struct BoostWire: Decodable {
    let boost: ItemBoost

    private enum CodingKeys: String, CodingKey, CaseIterable { case filter, weight }

    /// Beyond it a boost is a filter.
    static let largest = 100.0

    init(from decoder: any Decoder) throws {
        let fields = try decoder.fields(CodingKeys.self)
        let filter = try fields.required(FilterWire.self, .filter).filter
        let weight = try fields.required(Double.self, .weight)
        guard abs(weight) <= Self.largest else {
            throw Problem.invalid(
                "is not between -\(Int(Self.largest)) and \(Int(Self.largest))",
                pointer: JSONReading.pointer(decoder.codingPath + [CodingKeys.weight]))
        }
        boost = ItemBoost(filter, amount: weight)
    }
}
