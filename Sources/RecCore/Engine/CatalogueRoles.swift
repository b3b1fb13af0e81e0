// Which column of a catalogue plays which part, for those who show its items to people.

/// Names of columns; every shop has its own. Found by usual names, and where there are none by what the values look like.
public struct CatalogueRoles: Sendable, Hashable {
    /// What an item is called.
    public internal(set) var name: String?
    /// A part of the shop: few values, each on many items.
    public internal(set) var department: String?
    /// What kind of thing an item is.
    public internal(set) var type: String?
    /// The colour, as the shop names it.
    public internal(set) var colour: String?
    /// The pattern or print.
    public internal(set) var pattern: String?
    /// The price, as it stands in the catalogue.
    public internal(set) var price: String?
    /// A description in sentences.
    public internal(set) var text: String?

    /// Role and column of those that were found.
    public var named: [String: String] {
        ["name": name, "department": department, "type": type, "colour": colour, "pattern": pattern, "price": price]
            .merging(["text": text]) { first, _ in first }.compactMapValues { $0 }
    }

    // Usual names, better ones first.
    private static let names = ["prod_name", "product_name", "name", "title", "original_title", "description"]
    private static let departments = [
        "department", "index_name", "section", "category", "genre", "genres", "section_name", "product_group_name",
        "department_name",
    ]
    private static let types = ["product_type_name", "product_type", "type", "garment_group_name"]
    private static let colours = [
        "colour_group_name", "colour", "color", "perceived_colour_master_name", "perceived_colour_value_name",
    ]
    private static let patterns = ["graphical_appearance_name", "pattern", "print"]
    private static let prices = ["price", "list_price", "unitprice", "unit_price"]
    private static let texts = ["detail_desc", "text", "description", "summary", "abstract", "plot"]

    init(_ attributes: ItemAttributes) {
        let figures = attributes.columnFigures
        let byName = Dictionary(figures.map { ($0.name.lowercased(), $0) }, uniquingKeysWith: { first, _ in first })
        func usual(_ names: [String], _ isRight: (ItemAttributes.ColumnFigures) -> Bool = { _ in true }) -> String? {
            names.lazy.compactMap { byName[$0] }.first { $0.held > 0 && isRight($0) }?.name
        }
        /// Few enough to tell apart, and not one for each item.
        func isKind(_ column: ItemAttributes.ColumnFigures) -> Bool {
            column.distinct >= 2 && column.distinct <= 400 && column.distinct * 2 <= column.held
                && column.meanLength <= 60
        }
        text = usual(Self.texts) { $0.meanLength > 40 }
        name = usual(Self.names) { $0.meanLength <= 120 } ?? text
        department =
            usual(Self.departments, isKind)
            ?? figures.filter { isKind($0) && $0.distinct <= 40 }.min {
                // A dozen parts tell most on a map.
                (abs($0.distinct - 12), $0.name) < (abs($1.distinct - 12), $1.name)
            }?.name
        type = usual(Self.types, isKind)
        colour = usual(Self.colours) { $0.meanLength <= 40 }
        pattern = usual(Self.patterns) { $0.meanLength <= 40 }
        price = usual(Self.prices) { $0.meanLength <= 20 }
    }
}

/// What a person is shown of an item.
public struct ItemCard: Sendable, Hashable {
    /// The name in the catalogue, which events and answers use.
    public let id: ItemID
    /// The id where the catalogue has no name.
    public let name: String
    /// `nil` = the catalogue has no such column, or the item no value; so for those below.
    public let department: String?
    /// What kind of thing it is.
    public let type: String?
    /// As the shop names it.
    public let colour: String?
    /// Pattern or print.
    public let pattern: String?
    /// As it stands in the catalogue.
    public let price: String?
    /// A description in sentences.
    public let text: String?
}

extension RecommendationEngine.ServedModel {
    /// - Complexity: O(1), whatever the size of the catalogue.
    func card(_ row: Int, _ roles: CatalogueRoles) -> ItemCard {
        func value(_ column: String?) -> String? { column.flatMap { attributes.value($0, of: row) } }
        let id = snapshot.history.items.name(of: row)
        return ItemCard(
            id: ItemID(id), name: value(roles.name) ?? id, department: value(roles.department),
            type: value(roles.type), colour: value(roles.colour), pattern: value(roles.pattern),
            price: value(roles.price), text: roles.text == roles.name ? nil : value(roles.text))
    }
}
