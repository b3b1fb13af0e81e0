// A small shop with planted taste, for tests that need a model in milliseconds.
import RecCore

/// Two groups of customers, two groups of items: even customers take even items, odd ones odd items, day by day. The same seed
/// gives the same shop.
public struct PlantedShop: Sendable {
    /// Customers, `u0` and so on.
    public var users = 40
    /// Items, `i0` and so on; half of them for each group.
    public var items = 20
    /// Events of each user, one a day.
    public var days = 12
    /// Of the choice among the items of a group.
    public var seed: UInt64 = 7

    /// The defaults make a model in milliseconds.
    public init(users: Int = 40, items: Int = 20, days: Int = 12, seed: UInt64 = 7) {
        (self.users, self.items, self.days, self.seed) = (users, items, days, seed)
    }

    /// Midnight of the day after the last event.
    public var end: Timestamp { Self.day(days) }

    static func day(_ number: Int) -> Timestamp {
        Timestamp(milliseconds: Int64(18_000 + number) * Timestamp.millisecondsPerDay)
    }

    /// Events with ids `e0`, `e1` ...; users are `u0`, `u1` ..., items `i0`, `i1` ...
    public func interactions() throws(InvalidInteraction) -> [Interaction] {
        var generator = SplitMix64(seed: seed)
        var events: [Interaction] = []
        for day in 0..<days {
            for user in 0..<users {
                let item = Int.random(in: 0..<max(1, items / 2), using: &generator) * 2 + user % 2
                events.append(
                    try Interaction(
                        event: EventID("e\(events.count)"), user: UserID("u\(user)"), item: ItemID("i\(item)"),
                        kind: .purchase, timestamp: Self.day(day)))
            }
        }
        return events
    }

    /// What a catalogue would say: the group of each item and a few words.
    public func catalog() -> [CatalogItem] {
        (0..<items).map {
            CatalogItem(
                id: ItemID("i\($0)"),
                attributes: ["group": $0 % 2 == 0 ? "even" : "odd", "text": "item of shelf \($0 % 4)"])
        }
    }

    /// A model of 6 factors on all events.
    public func snapshot(_ version: String, created: Timestamp? = nil) throws -> ModelSnapshot {
        guard let version = ModelVersion(version) else { throw TrainingError.data("\(version) is not a version") }
        var builder = HistoryBuilder()
        for event in try interactions() { builder.add(event) }
        let options = TrainingOptions(
            als: try ALSConfiguration(dimension: 6, unobservedWeight: 0.1, regularization: 0.01, sweeps: 8),
            repeats: true, validationDays: 2)
        return try TrainingPipeline(options).train(
            builder, attributes: Dictionary(uniqueKeysWithValues: catalog().map { ($0.id, $0.attributes) }),
            version: version, created: created ?? end)
    }
}
