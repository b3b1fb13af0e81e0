// The shapes in which the web page gets the shop, its customers and its items.
import RecCore

/// An item as a card.
struct CardWire: Encodable {
    private let id: String
    private let name: String
    private let department: String?
    private let type: String?
    private let colour: String?
    private let pattern: String?
    private let price: String?
    private let text: String?

    init(_ card: ItemCard) {
        (id, name, department, type) = (card.id.rawValue, card.name, card.department, card.type)
        (colour, pattern, price, text) = (card.colour, card.pattern, card.price, card.text)
    }
}

struct CardsWire: Encodable { let items: [CardWire] }

/// Points without an item are null.
struct PointsWire: Encodable { let items: [CardWire?] }

/// What stands behind the points of a map.
struct MapNamesWire: Encodable {
    let version: String
    let departments: [String]
}

struct MapProgressWire: Encodable {
    let progress: Double
    let step: String
}

struct FoundWire: Encodable {
    private let items: [CardWire]
    private let total: Int
    private let milliseconds: Double
    private let tookAs: [String]
    private enum CodingKeys: String, CodingKey {
        case items, total, milliseconds
        case tookAs = "took_as"
    }
    init(_ found: ItemsFound, milliseconds: Double) {
        (items, total, tookAs) = (found.items.map(CardWire.init), found.total, found.terms)
        self.milliseconds = milliseconds
    }
}

struct ItemViewWire: Encodable {
    private let item: CardWire
    private let attributes: [String: String]
    private let events: Int
    private let hidden: Bool
    init(_ view: ItemView) {
        (item, attributes, events, hidden) = (CardWire(view.card), view.attributes, view.events, view.isHidden)
    }
}

struct SurroundingsWire: Encodable {
    private struct Neighbour: Encodable {
        let item: CardWire
        let score: Double
        init(_ neighbour: ItemSurroundings.Neighbour) { (item, score) = (CardWire(neighbour.item), neighbour.score) }
    }
    private let taste: [Neighbour]
    private let content: [Neighbour]
    private let placed: Bool
    private let point: Int?
    private let map: String?
    init(_ found: ItemSurroundings) {
        (taste, content) = (found.taste.map(Neighbour.init), found.content.map(Neighbour.init))
        (placed, point, map) = (found.isPlaced, found.point, found.map)
    }
}

struct CustomersWire: Encodable {
    struct Customer: Encodable {
        let id: String
        let events: Int
        let last: String?
    }
    let customers: [Customer]
    init(_ examples: [CustomerExample]) { customers = examples.map(Customer.init) }
}

extension CustomersWire.Customer {
    init(_ example: CustomerExample) {
        self.init(id: example.id.rawValue, events: example.events, last: example.last?.iso8601)
    }
}

struct CustomerWire: Encodable {
    private struct Taken: Encodable {
        let item: CardWire
        let times: Int
        let last: String
    }
    private let id: String
    private let events: Int
    private let known: Bool
    private let attributes: [String: String]
    private let taken: [Taken]
    init(_ view: CustomerView) {
        (id, events, known, attributes) = (view.id.rawValue, view.events, view.isKnown, view.attributes)
        taken = view.taken.map { Taken(item: CardWire($0.item), times: $0.times, last: $0.last.iso8601) }
    }
}

/// The shop at first sight.
struct ShopWire: Encodable {
    private struct Figures: Encodable {
        var items = 0
        var customers = 0
        var events = 0
        var first: String?
        var last: String?
    }
    private struct Model: Encodable {
        let version: String
        let created: String
        let dimension: Int
    }
    private struct Department: Encodable {
        let name: String
        let items: Int
    }
    private struct Attribute: Encodable {
        let name: String
        let values: [String]
    }
    private struct Point: Encodable {
        let policy: String
        let map12: Double
        let kept: Double
        let tail: Double
    }
    private struct Policies: Encodable {
        let stochastic: String
        let loss: Double
        let frontier: [Point]
    }
    private struct Abilities: Encodable {
        let replay: Bool
        let isReady: Bool
        enum CodingKeys: String, CodingKey {
            case replay
            case changeModels = "change_models"
            case search, map
        }
        func encode(to encoder: any Encoder) throws {
            var fields = encoder.container(keyedBy: CodingKeys.self)
            try fields.encode(replay, forKey: .replay)
            for key in [CodingKeys.changeModels, .search, .map] { try fields.encode(isReady, forKey: key) }
        }
    }
    private var shop = Figures()
    private var model: Model?
    private var roles: [String: String] = [:]
    private var departments: [Department] = []
    private var customers: [CustomersWire.Customer] = []
    private var attributes: [Attribute] = []
    private var policies: Policies?
    private let can: Abilities

    /// Before a model is there.
    init(canReplay: Bool) { can = Abilities(replay: canReplay, isReady: false) }

    init(_ overview: ShopOverview, canReplay: Bool) {
        can = Abilities(replay: canReplay, isReady: true)
        shop = Figures(
            items: overview.items, customers: overview.customers, events: overview.events,
            first: overview.first.iso8601, last: overview.last.iso8601)
        model = Model(
            version: overview.version.rawValue, created: overview.created.iso8601, dimension: overview.dimension)
        roles = overview.roles.named
        departments = overview.departments.map { Department(name: $0.name, items: $0.items) }
        customers = overview.examples.map(CustomersWire.Customer.init)
        attributes = overview.attributes.map { Attribute(name: $0.name, values: $0.values) }
        policies = overview.exploration.map { settings in
            let best = settings.frontier.first?.map12 ?? 0
            return Policies(
                stochastic: settings.policy(forStranger: false).text, loss: settings.loss,
                frontier: settings.frontier.map {
                    Point(
                        policy: $0.policy.text, map12: $0.map12, kept: best > 0 ? $0.map12 / best : 0, tail: $0.tail)
                })
        }
    }
}
