// What a page tells of a shop at first sight, and the shapes of what it asks for later.

/// A customer to begin with.
public struct CustomerExample: Sendable, Hashable {
    /// The customer's name.
    public let id: UserID
    /// How many events the model knows of.
    public let events: Int
    /// The last of them.
    public let last: Timestamp?
}

extension CustomerExample {
    init(row: Int, _ history: InteractionHistory) {
        let range = history.matrix.range(of: row)
        self.init(
            id: UserID(history.users.name(of: row)), events: Int(range.reduce(Float(0)) { $0 + history.counts[$1] }),
            last: range.map { history.lastMinutes[$0] }.max().map { Timestamp(milliseconds: Int64($0) * 60_000) })
    }
}

/// A customer's past.
public struct CustomerView: Sendable, Hashable {
    /// An item, and how often the customer took it.
    public struct Taken: Sendable, Hashable {
        /// What it is.
        public let item: ItemCard
        /// Events with it.
        public let times: Int
        /// The last of them.
        public let last: Timestamp
    }
    /// The customer's name.
    public let id: UserID
    /// Events that the model knows of.
    public let events: Int
    /// Whether the model learned of it.
    public let isKnown: Bool
    /// What is known of the customer, by column.
    public let attributes: [String: String]
    /// The newest first.
    public let taken: [Taken]
}

/// All that is known of an item.
public struct ItemView: Sendable, Hashable {
    /// What a person is shown.
    public let card: ItemCard
    /// What the catalogue says, by column.
    public let attributes: [String: String]
    /// Events that the model knows of.
    public let events: Int
    /// Whether it may not be recommended.
    public let isHidden: Bool
}

/// What stands near an item, best first.
public struct ItemSurroundings: Sendable, Hashable {
    /// An item and how near it is.
    public struct Neighbour: Sendable, Hashable {
        /// What it is.
        public let item: ItemCard
        /// Cosine, -1 to 1.
        public let score: Double
    }
    /// Items whose factors point the same way.
    public let taste: [Neighbour]
    /// Items whose attributes are alike.
    public let content: [Neighbour]
    /// Whether the model has learned it, so that it has a place on maps.
    public let isPlaced: Bool
    /// Its number on the map, when that is drawn and has it.
    public let point: Int?
    /// ``MapPoints/id`` of that map.
    public let map: String?
}

/// Items by words.
public struct ItemsFound: Sendable, Hashable {
    /// The best match first.
    public let items: [ItemCard]
    /// Items that match, listed or not.
    public let total: Int
    /// The words as they were looked up.
    public let terms: [String]
}

/// Sizes, examples and choices.
public struct ShopOverview: Sendable, Hashable {
    /// A part of the shop.
    public struct Department: Sendable, Hashable {
        /// Its value in the catalogue.
        public let name: String
        /// Items that may be recommended in it.
        public let items: Int
    }
    /// A question to a newcomer.
    public struct Attribute: Sendable, Hashable {
        /// Column of the customers' file.
        public let name: String
        /// Choices; for a number the limits between its tenths.
        public let values: [String]
    }
    /// Items that the model knows, those without events included.
    public let items: Int
    /// Customers that it has factors for.
    public let customers: Int
    /// Events that it learned from.
    public let events: Int
    /// The first of them.
    public let first: Timestamp
    /// The last of them.
    public let last: Timestamp
    /// The model in service.
    public let version: ModelVersion
    /// When it was trained.
    public let created: Timestamp
    /// Factors of each user and item.
    public let dimension: Int
    /// Which column of the catalogue plays which part.
    public let roles: CatalogueRoles
    /// Most items first, at most ``mostDepartments``.
    public let departments: [Department]
    /// From few events to many.
    public let examples: [CustomerExample]
    /// Those that lead to segments, the one with most values first, at most four.
    public let attributes: [Attribute]
    /// The stochastic policy; `nil` = the model was not calibrated.
    public let exploration: ExplorationSettings?

    /// Departments that are listed.
    public static let mostDepartments = 24
    private static let mostAttributes = 4
    private static let mostValues = 12
    /// Events of the examples.
    private static let sizes = [1, 2, 3, 5, 8, 12, 18, 27, 40, 60, 100, 200]

    /// - Parameter examples: those of this version, where they are known.
    init(_ model: RecommendationEngine.ServedModel, _ roles: CatalogueRoles, examples: [CustomerExample]? = nil) {
        let snapshot = model.snapshot
        let history = snapshot.history
        (items, customers, events) = (history.items.count, history.users.count, history.eventCount)
        (first, last) = (history.firstTime, history.lastTime)
        (version, created, dimension) = (snapshot.version, snapshot.created, snapshot.configuration.als.dimension)
        (self.roles, exploration) = (roles, snapshot.configuration.exploration)
        departments = model.departments(roles).map { Department(name: $0.value, items: $0.count) }
        self.examples = examples ?? Self.examples(history)
        attributes = Self.attributes(snapshot.segments)
    }

    /// For each size the customer with about so many different items who came last.
    private static func examples(_ history: InteractionHistory) -> [CustomerExample] {
        var best: [Int: (row: Int, last: Int32)] = [:]
        for row in 0..<history.users.count {
            let range = history.matrix.range(of: row)
            guard range.count > 0, let size = sizes.last(where: { $0 <= range.count }),
                size == range.count || size >= 12
            else { continue }
            let last = range.reduce(Int32.min) { max($0, history.lastMinutes[$1]) }
            if let known = best[size], known.last >= last { continue }
            best[size] = (row, last)
        }
        return best.sorted { $0.key < $1.key }.map { CustomerExample(row: $0.value.row, history) }
    }

    /// The columns that lead to segments, those with most values first.
    private static func attributes(_ segments: SegmentLifts) -> [Attribute] {
        let names = (0..<segments.names.count).map { segments.names.name(of: $0) }
        var questions: [Attribute] = []
        for (name, limits) in segments.encoder.columns.sorted(by: { $0.key < $1.key }) {
            var values: [String] = []
            if let lowest = limits.first {
                for limit in [lowest - 1] + limits where !values.contains(plain(limit)) { values.append(plain(limit)) }
            } else {
                let prefix = name + "="
                values = names.filter { $0.hasPrefix(prefix) }.map { String($0.dropFirst(prefix.count)) }.sorted()
            }
            if values.count > 1 { questions.append(Attribute(name: name, values: Array(values.prefix(mostValues)))) }
        }
        questions.sort { $0.values.count != $1.values.count ? $0.values.count > $1.values.count : $0.name < $1.name }
        return Array(questions.prefix(mostAttributes))
    }

    private static func plain(_ value: Double) -> String {
        value == value.rounded() && abs(value) < 1e15 ? String(Int64(value)) : String(value)
    }
}

extension RecommendationEngine.ServedModel {
    /// Open items of each department, most first.
    func departments(_ roles: CatalogueRoles) -> [(value: String, count: Int)] {
        guard let column = roles.department else { return [] }
        return Array(
            attributes.valueCounts(of: column) { !closed.contains($0) }.prefix(ShopOverview.mostDepartments))
    }
}
