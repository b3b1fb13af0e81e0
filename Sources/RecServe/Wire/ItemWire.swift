// Items of the catalogue as JSON.
import RecCore

/// `{"id": "...", "attributes": {"department": "Jackets"}, "hidden": false}`.
struct ItemWire: Codable {
    let id: String
    let attributes: [String: String]
    let hidden: Bool

    private enum CodingKeys: String, CodingKey, CaseIterable { case id, attributes, hidden }

    init(from decoder: any Decoder) throws {
        let fields = try decoder.fields(CodingKeys.self)
        id = try fields.required(String.self, .id)
        attributes = try fields.optional([String: String].self, .attributes) ?? [:]
        hidden = try fields.optional(Bool.self, .hidden) ?? false
    }

    init(_ item: CatalogItem) {
        (id, attributes, hidden) = (item.id.rawValue, item.attributes, item.isHidden)
    }
}

/// `{"items": [...]}`.
struct ItemsWire: Decodable {
    private let items: [ItemWire]

    private enum CodingKeys: String, CodingKey, CaseIterable { case items }

    init(from decoder: any Decoder) throws {
        items = try decoder.fields(CodingKeys.self).required([ItemWire].self, .items)
    }

    /// The items, or every fault.
    func items(atMost limit: Int) throws(Problem) -> [CatalogItem] {
        guard !items.isEmpty else { throw .invalid("is empty", pointer: "/items") }
        guard items.count <= limit else { throw .invalid("has more than \(limit) items", pointer: "/items") }
        let faults = items.enumerated().flatMap { place, item in
            CatalogRule.faults(id: item.id, attributes: item.attributes).map {
                Fault(pointer: "/items/\(place)/\($0.field)", detail: $0.reason)
            }
        }
        guard faults.isEmpty else { throw .invalid(faults) }
        return items.map { CatalogItem(id: ItemID($0.id), attributes: $0.attributes, isHidden: $0.hidden) }
    }
}

/// What an item of the catalogue may be.
enum CatalogRule {
    /// Everything that is wrong.
    static func faults(id: String, attributes: [String: String]) -> [(field: String, reason: String)] {
        var faults: [(String, String)] = []
        if let fault = IdentifierRule.fault(id) { faults.append(("id", fault)) }
        if attributes.count > 100 { faults.append(("attributes", "has more than 100 members")) }
        for (name, value) in attributes.sorted(by: { $0.key < $1.key }) {
            if let fault = IdentifierRule.fault(name) { faults.append(("attributes", "has a name that \(fault)")) }
            // No store keeps a NUL.
            if value.utf8.count > 10_000 || value.utf8.contains(0) {
                faults.append(("attributes", "has a value that is longer than 10,000 bytes, or holds a NUL"))
            }
        }
        return faults
    }
}

/// How much was written.
struct WrittenWire: Encodable { let written: Int }
