// Feedback, items and users as gorse writes them.
import RecCore

/// An id and how well it fits.
struct GorseScore: Encodable {
    let id: String
    let score: Double
    private enum CodingKeys: String, CodingKey {
        case id = "Id"
        case score = "Score"
    }
}

/// How many rows were written.
struct GorseAffected: Encodable {
    let rows: Int
    private enum CodingKeys: String, CodingKey { case rows = "RowAffected" }
}

/// `{"FeedbackType": "star", "UserId": "u", "ItemId": "i", "Timestamp": "...", "Value": 1}`.
struct GorseFeedback: Decodable {
    private let type: String
    private let user: String
    private let item: String
    private let timestamp: Timestamp?
    private let value: Double?

    private enum CodingKeys: String, CodingKey, CaseIterable {
        case type = "FeedbackType"
        case user = "UserId"
        case item = "ItemId"
        case timestamp = "Timestamp"
        case value = "Value"
        case comment = "Comment"
        case updated = "Updated"
    }

    init(from decoder: any Decoder) throws {
        let fields = try decoder.fields(CodingKeys.self)
        type = try fields.required(String.self, .type)
        user = try fields.optional(String.self, .user) ?? ""
        item = try fields.required(String.self, .item)
        timestamp = try fields.optional(TimestampWire.self, .timestamp)?.timestamp
        value = try fields.optional(Double.self, .value)
    }

    /// The event's id is made of all that it says: sent twice with its own moment it counts once, and with another value it is another
    /// event.
    /// - Parameter visitor: whose it is when no user is named; `nil` = someone must be.
    func interaction(now: Timestamp, visitor: UserID?) throws(InvalidInteraction) -> Interaction {
        guard let kind = InteractionKind(type.lowercased()) else {
            throw InvalidInteraction(field: "kind", reason: "is not 1 to 32 letters, digits, underscores or dashes")
        }
        guard let user = user.isEmpty ? visitor : UserID(user) else {
            throw InvalidInteraction(field: "user", reason: "is missing")
        }
        let moment = timestamp ?? now
        guard moment.milliseconds <= now.milliseconds &+ EventWire.toleratedAhead else {
            throw InvalidInteraction(field: "timestamp", reason: "lies more than 5 minutes in the future")
        }
        let name =
            "g-\(Self.digest("\(type)\u{1F}\(user.rawValue)\u{1F}\(item)\u{1F}\(value ?? 1)"))-\(moment.milliseconds)"
        return try Interaction(
            event: EventID(name), user: user, item: ItemID(item), kind: kind, timestamp: moment,
            weight: value.map { Float($0) }.flatMap { $0 > 0 ? $0 : nil } ?? 1)
    }

    /// ``FNV1a`` in letters and digits.
    private static func digest(_ text: String) -> String { String(FNV1a.hash(text.utf8), radix: 36) }

    /// gorse's name of an interaction's field.
    static func field(_ name: String) -> String {
        switch name {
        case "kind": "FeedbackType"
        case "user": "UserId"
        case "item": "ItemId"
        case "timestamp": "Timestamp"
        case "weight": "Value"
        default: name
        }
    }
}

/// Labels of gorse: any JSON, of which texts, numbers, truths and lists of texts are kept.
enum GorseLabels {
    /// A label `{"colour": "red"}` becomes the attribute `colour`; `{"tags": ["a", "b"]}` becomes `tags:a` and `tags:b`; a list
    /// `["a"]` becomes `label:a`.
    static func attributes(_ value: LooseJSON?, name: String = "") -> [String: String] {
        switch value {
        case nil, .null: return [:]
        case .text(let text): return name.isEmpty ? ["label:\(text)": "1"] : [name: text]
        case .list(let values):
            var all: [String: String] = [:]
            for case .text(let text) in values { all["\(name.isEmpty ? "label" : name):\(text)"] = "1" }
            return all
        case .members(let members):
            var all: [String: String] = [:]
            for (key, value) in members {
                all.merge(attributes(value, name: name.isEmpty ? key : "\(name).\(key)")) { $1 }
            }
            return all
        }
    }
}

/// Whatever JSON comes, with numbers and truths as texts.
indirect enum LooseJSON: Decodable {
    case null
    case text(String)
    case list([LooseJSON])
    case members([String: LooseJSON])

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .null
        } else if let text = try? container.decode(String.self) {
            self = .text(text)
        } else if let truth = try? container.decode(Bool.self) {
            self = .text(String(truth))
        } else if let number = try? container.decode(Int64.self) {
            self = .text(String(number))
        } else if let number = try? container.decode(Double.self) {
            self = .text(String(number))
        } else if let list = try? container.decode([LooseJSON].self) {
            self = .list(list)
        } else {
            self = .members(try container.decode([String: LooseJSON].self))
        }
    }
}

/// `{"ItemId": "i", "IsHidden": false, "Categories": ["c"], "Labels": {...}, "Timestamp": "...", "Comment": "..."}`.
///
/// A category becomes the attribute `category:NAME`; the time and the comment become `timestamp` and `comment`.
struct GorseItem: Codable {
    let itemID: String
    var isHidden: Bool
    var attributes: [String: String]

    private enum CodingKeys: String, CodingKey, CaseIterable {
        case itemID = "ItemId"
        case isHidden = "IsHidden"
        case categories = "Categories"
        case labels = "Labels"
        case timestamp = "Timestamp"
        case comment = "Comment"
    }

    static func field(category: String) -> String { categoryPrefix + category }
    private static let categoryPrefix = "category:"

    init(from decoder: any Decoder) throws {
        let fields = try decoder.fields(CodingKeys.self)
        itemID = try fields.required(String.self, .itemID)
        let patch = try Patch(from: decoder)
        isHidden = patch.isHidden ?? false
        attributes = (patch.labels ?? [:]).merging(patch.categories ?? [:]) { $1 }
        if let time = patch.timestamp { attributes["timestamp"] = time }
        if let comment = patch.comment { attributes["comment"] = comment }
    }

    init(_ item: CatalogItem) {
        (itemID, isHidden, attributes) = (item.id.rawValue, item.isHidden, item.attributes)
    }

    var catalogItem: CatalogItem { CatalogItem(id: ItemID(itemID), attributes: attributes, isHidden: isHidden) }

    func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.encode(itemID, forKey: .itemID)
        try fields.encode(isHidden, forKey: .isHidden)
        try fields.encode(
            attributes.keys.filter { $0.hasPrefix(Self.categoryPrefix) }.map {
                String($0.dropFirst(Self.categoryPrefix.count))
            }
            .sorted(), forKey: .categories)
        try fields.encode(
            attributes.filter {
                !$0.key.hasPrefix(Self.categoryPrefix) && $0.key != "timestamp" && $0.key != "comment"
            },
            forKey: .labels)
        try fields.encodeIfPresent(attributes["timestamp"], forKey: .timestamp)
        try fields.encode(attributes["comment"] ?? "", forKey: .comment)
    }

    /// The item after a change: what the change does not name stays.
    func applying(_ patch: Patch) -> GorseItem {
        var item = self
        item.isHidden = patch.isHidden ?? isHidden
        if let categories = patch.categories {
            item.attributes = item.attributes.filter { !$0.key.hasPrefix(Self.categoryPrefix) }
            item.attributes.merge(categories) { $1 }
        }
        if let labels = patch.labels {
            let kept = item.attributes.filter {
                $0.key.hasPrefix(Self.categoryPrefix) || $0.key == "timestamp" || $0.key == "comment"
            }
            item.attributes = kept.merging(labels) { $1 }
        }
        if let time = patch.timestamp { item.attributes["timestamp"] = time }
        if let comment = patch.comment { item.attributes["comment"] = comment }
        return item
    }

    /// Parts of an item.
    struct Patch: Decodable {
        let isHidden: Bool?
        let categories: [String: String]?
        let labels: [String: String]?
        let timestamp: String?
        let comment: String?

        init(from decoder: any Decoder) throws {
            let fields = try decoder.fields(CodingKeys.self)
            isHidden = try fields.optional(Bool.self, .isHidden)
            categories = try fields.optional([String].self, .categories).map { names in
                Dictionary(names.map { (GorseItem.field(category: $0), "1") }) { $1 }
            }
            labels = try fields.optional(LooseJSON.self, .labels).map { GorseLabels.attributes($0) }
            timestamp = try fields.optional(String.self, .timestamp)
            comment = try fields.optional(String.self, .comment)
        }
    }
}

/// `{"UserId": "u", "Labels": {...}, "Comment": "..."}`.
struct GorseUser: Codable {
    let userID: String
    let attributes: [String: String]

    private enum CodingKeys: String, CodingKey, CaseIterable {
        case userID = "UserId"
        case labels = "Labels"
        case comment = "Comment"
        case subscribe = "Subscribe"
    }

    init(from decoder: any Decoder) throws {
        let fields = try decoder.fields(CodingKeys.self)
        userID = try fields.required(String.self, .userID)
        attributes = GorseLabels.attributes(try fields.optional(LooseJSON.self, .labels))
    }

    init(_ profile: UserProfile) { (userID, attributes) = (profile.id.rawValue, profile.attributes) }

    func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.encode(userID, forKey: .userID)
        try fields.encode(attributes, forKey: .labels)
    }
}
