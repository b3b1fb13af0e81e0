// A small shop with planted taste: two groups of users, two groups of items.
import RecCore
import Testing

enum SmallShop {
    static func day(_ number: Int) -> Timestamp { Timestamp(milliseconds: Int64(18_000 + number) * 86_400_000) }

    static func event(_ user: String, _ item: String, day number: Int, id: String? = nil) throws -> Interaction {
        try Interaction(
            event: id.map(EventID.init), user: UserID(user), item: ItemID(item), kind: .purchase, timestamp: day(number)
        )
    }

    /// `users` users; the even ones take even items, the odd ones odd items; day by day, in a random order of the seed.
    static func builder(users: Int = 40, items: Int = 20, events: Int = 12, seed: UInt64 = 7) throws -> HistoryBuilder {
        var generator = SplitMix64(seed: seed)
        var builder = HistoryBuilder()
        for number in 0..<events {
            for user in 0..<users {
                let item = Int.random(in: 0..<(items / 2), using: &generator) * 2 + user % 2
                builder.add(try event("u\(user)", "i\(item)", day: number))
            }
        }
        return builder
    }

    static func snapshot(
        _ version: String = "v1", builder: HistoryBuilder? = nil, dimension: Int = 6, repeats: Bool? = true,
        attributes: [ItemID: [String: String]] = [:]
    ) throws -> ModelSnapshot {
        let options = TrainingOptions(
            als: try ALSConfiguration(dimension: dimension, unobservedWeight: 0.1, regularization: 0.01, sweeps: 8),
            repeats: repeats, validationDays: 2)
        return try TrainingPipeline(options).train(
            builder ?? self.builder(), attributes: attributes, version: try #require(ModelVersion(version)),
            created: day(100))
    }
}
