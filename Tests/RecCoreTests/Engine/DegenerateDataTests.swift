// Data at the edges: a typed error or a sensible model, never NaN.
import Testing

@testable import RecCore

@Suite struct DegenerateDataTests {
    /// A handful of validation users would say more of themselves than of the others.
    @Test func weightsOfAShopWithFewUsersAreTheStandardOnes() throws {
        let builder = try SmallShop.builder(users: 4, items: 20)
        var steps: [TrainingStep] = []
        let snapshot = try TrainingPipeline(TrainingOptions(als: try ALSConfiguration(dimension: 8))).train(
            builder, attributes: [:], version: try #require(ModelVersion("v1")), created: Timestamp(milliseconds: 0)
        ) { steps.append($0) }
        #expect(snapshot.configuration.weights == .standard)
        #expect(steps.contains { if case .tooFewUsers = $0 { true } else { false } })
    }

    private func train(
        _ builder: HistoryBuilder, attributes: [ItemID: [String: String]] = [:],
        profiles: [UserID: [String: String]] = [:], dimension: Int = 8
    ) throws -> ModelSnapshot {
        var options = TrainingOptions(als: try ALSConfiguration(dimension: dimension), validationDays: 2)
        options.als.usesAttributes = true
        return try TrainingPipeline(options).train(
            builder, attributes: attributes, profiles: ProfileTable(builder.userIDs.map { profiles[$0] ?? [:] }),
            version: try #require(ModelVersion("v1")),
            created: SmallShop.day(100))
    }

    private func expectSensible(_ snapshot: ModelSnapshot) {
        #expect(snapshot.factors.users.isFinite && snapshot.factors.items.isFinite)
        for user in 0..<snapshot.history.users.count {
            let ranking = snapshot.ranking(for: snapshot.evidence(ofRow: user), limit: 10, withPast: true)
            #expect(!ranking.isEmpty)
            #expect(ranking.allSatisfy { $0.score.isFinite && $0.parts.values.allSatisfy(\.isFinite) })
            for explanation in snapshot.explanations(of: ranking, for: snapshot.evidence(ofRow: user)) {
                #expect(explanation.withoutPast.isFinite && explanation.past.allSatisfy(\.value.isFinite))
            }
        }
    }

    @Test func moreFactorsThanItems() throws {
        expectSensible(try train(try SmallShop.builder(items: 6), dimension: 64))
    }

    @Test func oneUserOneItem() throws {
        var builder = HistoryBuilder()
        builder.add(try SmallShop.event("u", "i", day: 1))
        expectSensible(try train(builder))
    }

    @Test func everybodyTookEverythingOnce() throws {
        var builder = HistoryBuilder()
        for user in 0..<12 {
            for item in 0..<9 { builder.add(try SmallShop.event("u\(user)", "i\(item)", day: 5)) }
        }
        expectSensible(try train(builder))
    }

    @Test func noEventsAreATypedError() throws {
        var builder = HistoryBuilder()
        builder.add(item: ItemID("i"))
        #expect(throws: TrainingError.self) { try train(builder) }
        #expect(throws: TrainingError.self) { try train(HistoryBuilder()) }
    }

    @Test(
        arguments: [
            { (_: Int) in ["colour": "red"] }, { (item: Int) in ["a": "\(item % 3)", "b": "\(item % 3)"] },
            { (item: Int) in ["size": item % 2 == 0 ? "nan" : "inf", "text": ""] }, { (_: Int) in [:] },
            { (item: Int) in ["number": "\(item)e300", "long": String(repeating: "x y ", count: 300)] },
        ] as [@Sendable (Int) -> [String: String]])
    func attributesThatTellNothing(_ attributes: @Sendable (Int) -> [String: String]) throws {
        let builder = try SmallShop.builder()
        var known: [ItemID: [String: String]] = [:]
        for item in 0..<20 { known[ItemID("i\(item)")] = attributes(item) }
        var profiles: [UserID: [String: String]] = [:]
        for user in 0..<40 { profiles[UserID("u\(user)")] = attributes(user) }
        expectSensible(try train(builder, attributes: known, profiles: profiles))
    }

    @Test func aDuplicateColumnChangesNoOrder() throws {
        let builder = try SmallShop.builder()
        func attributes(_ columns: [String]) -> [ItemID: [String: String]] {
            var known: [ItemID: [String: String]] = [:]
            for item in 0..<24 {
                known[ItemID("i\(item)")] = Dictionary(uniqueKeysWithValues: columns.map { ($0, "group \(item % 2)") })
            }
            return known
        }
        var described = builder
        for item in 20..<24 { described.add(item: ItemID("i\(item)")) }
        let once = try train(described, attributes: attributes(["kind"]))
        let twice = try train(described, attributes: attributes(["kind", "again"]))
        expectSensible(twice)
        // Items without events of the user's own kind stand before those of the other kind, told once or twice.
        for snapshot in [once, twice] {
            let row = try #require(snapshot.history.users.row(of: "u0"))
            let new = snapshot.ranking(
                for: snapshot.evidence(ofRow: row), limit: 4, withPast: true, weights: .standard,
                only: (20..<24).compactMap { snapshot.history.items.row(of: "i\($0)") })
            #expect(new.count == 4)
            #expect(
                Set(new.prefix(2).map { snapshot.history.items.name(of: $0.item) }) == ["i20", "i22"])
        }
    }
}
