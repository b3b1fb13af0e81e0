// Items that a model learns of after its training stand where training would have put them.
import Foundation
import Testing

@testable import RecCore

@Suite struct AdditionsTests {
    private static func kind(_ isEven: Bool, _ colour: String) -> [String: String] {
        ["group": isEven ? "even" : "odd", "colour": colour]
    }

    /// Twenty sold items of two groups and two colours, and the item `cold` that nobody took.
    private func shop() throws -> ModelSnapshot {
        var attributes = Dictionary(
            uniqueKeysWithValues: (0..<20).map {
                (ItemID("i\($0)"), Self.kind($0 % 2 == 0, $0 < 10 ? "red" : "blue"))
            })
        attributes[ItemID("cold")] = Self.kind(true, "red")
        var builder = try SmallShop.builder()
        builder.add(item: ItemID("cold"))
        return try SmallShop.snapshot(builder: builder, attributes: attributes)
    }

    private func row(_ name: String, _ snapshot: ModelSnapshot) throws -> Int {
        try #require(snapshot.history.items.row(of: name))
    }

    /// Everything that belongs to items, to compare whole models.
    private func itemArrays(_ snapshot: ModelSnapshot) -> [[Float]] {
        [
            Array(snapshot.factors.items.elements), Array(snapshot.features.matrix.values),
            snapshot.features.matrix.indices.map(Float.init), snapshot.features.matrix.offsets.map { Float($0) },
            Array(snapshot.contentNeighbours.matrix.values),
            snapshot.contentNeighbours.matrix.indices.map(Float.init),
            snapshot.contentNeighbours.matrix.offsets.map { Float($0) }, Array(snapshot.itemScale),
            Array(snapshot.history.itemEvents), Array(snapshot.history.itemDecayedEvents),
            Array(snapshot.neighbours.sizes), Array(snapshot.segments.matrix.elements),
        ]
    }

    @Test func aTwinStandsInFrontOfTheFansOfItsKind() throws {
        let shop = try shop()

        let grown = try shop.adding([
            (ItemID("new-even"), Self.kind(true, "red")), (ItemID("new-odd"), Self.kind(false, "red")),
        ])

        let even = try row("new-even", grown)
        let odd = try row("new-odd", grown)
        for user in 0..<40 {
            let name = UserID("u\(user)")
            let row = try #require(grown.history.users.row(of: name.rawValue))
            let list = grown.ranking(
                for: grown.evidence(ofRow: row), limit: 2, withPast: true, weights: .standard, only: [even, odd])
            #expect(list.map(\.item) == (user % 2 == 0 ? [even, odd] : [odd, even]), "user \(user)")
        }
        #expect(shop.history.items.count == 21 && grown.history.items.count == 23)
    }

    @Test func anAddedItemIsATwinOfTheOneThatTrainingKnew() throws {
        let shop = try shop()

        let grown = try shop.adding([(ItemID("twin"), Self.kind(true, "red"))])

        let (cold, twin) = (try row("cold", grown), try row("twin", grown))
        #expect(grown.factors.items[row: twin] == grown.factors.items[row: cold])
        #expect(grown.itemScale[twin] == grown.itemScale[cold] && grown.itemScale[twin] > 0)
        let columns = grown.contentNeighbours.matrix.transposed()
        #expect(!columns.range(of: twin).isEmpty)
        #expect(
            columns.range(of: twin).map { columns.indices[$0] } == columns.range(of: cold).map { columns.indices[$0] })
        #expect(
            columns.range(of: twin).map { columns.values[$0] } == columns.range(of: cold).map { columns.values[$0] })
    }

    @Test func describingAnUnsoldItemAnewAndBackGivesTheTrainedModel() throws {
        let shop = try shop()

        let other = try shop.adding([(ItemID("cold"), Self.kind(false, "blue"))])
        let back = try other.adding([(ItemID("cold"), Self.kind(true, "red"))])

        #expect(itemArrays(other) != itemArrays(shop))
        #expect(itemArrays(back) == itemArrays(shop))
    }

    @Test func oneBatchAndManyMakeTheSameModel() throws {
        let items = (0..<30).map { (ItemID("n\(100 + $0)"), Self.kind($0 % 2 == 0, $0 % 3 == 0 ? "red" : "blue")) }

        let once = try shop().adding(items.shuffled())
        var slowly = try shop()
        for item in items { slowly = try slowly.adding([item]) }

        #expect(itemArrays(once) == itemArrays(slowly))
        #expect(
            (0..<once.history.items.count).map { once.history.items.name(of: $0) }
                == (0..<slowly.history.items.count).map { slowly.history.items.name(of: $0) })
    }

    @Test func nothingNewChangesNothing() throws {
        let shop = try shop()

        let same = try shop.adding([
            (ItemID("i3"), ["group": "even"]), (ItemID("cold"), Self.kind(true, "red")),
        ])

        #expect(itemArrays(try shop.adding([])) == itemArrays(shop))
        #expect(itemArrays(same) == itemArrays(shop))
        #expect(!shop.isNews((ItemID("i3"), ["group": "even"])) && shop.isNews((ItemID("x"), [:])))
    }

    @Test func theLastDescriptionOfABatchCounts() throws {
        let shop = try shop()

        let grown = try shop.adding([
            (ItemID("new"), Self.kind(false, "blue")), (ItemID("new"), Self.kind(true, "red")),
        ])

        #expect(try grown.factors.items[row: row("new", grown)] == grown.factors.items[row: row("cold", grown)])
        #expect(grown.history.items.count == shop.history.items.count + 1)
    }

    @Test func itemsWithoutAKnownFeatureAreListedAsNew() throws {
        let hostile: [DescribedItem] = [
            (ItemID("none"), [:]), (ItemID("odd column"), ["": "", "x": "\u{0}"]),
            (ItemID("long"), ["colour": String(repeating: "z", count: 1 << 16)]), (ItemID(""), ["group": ""]),
            (ItemID(String(repeating: "é", count: 5_000)), [:]),
        ]
        let grown = try shop().adding(hostile)

        let user = grown.evidence(ofRow: 0)
        for item in hostile {
            let row = try row(item.id.rawValue, grown)
            #expect(grown.factors.items[row: row].allSatisfy { $0 == 0 } && grown.itemScale[row] == 0)
        }
        let list = grown.ranking(for: user, limit: 100, withPast: true, weights: .standard)
        #expect(Set(list.map(\.item)).isSuperset(of: try hostile.map { try row($0.id.rawValue, grown) }))
        #expect(list.allSatisfy { $0.score.isFinite })
    }

    @Test func eventsWithAnAddedItemAreThePastOfTheirUser() throws {
        let grown = try shop().adding([(ItemID("new"), Self.kind(false, "blue")), (ItemID("bare"), [:])])
        let names = ["new", "bare"]

        let stranger = grown.evidence(
            of: UserID("stranger"), events: try names.map { try SmallShop.event("stranger", $0, day: 101) })
        let known = grown.evidence(of: UserID("u0"), events: [try SmallShop.event("u0", "new", day: 101)])

        #expect(try Set(stranger.past.map { Int($0.item) }) == Set(names.map { try row($0, grown) }))
        #expect(known.past.contains { Int($0.item) == (try? row("new", grown)) })
        for evidence in [stranger, known] {
            #expect(evidence.factors?.allSatisfy(\.isFinite) == true)
            let list = grown.ranking(for: evidence, limit: 30, withPast: true, weights: .standard)
            #expect(list.count >= 20 && list.allSatisfy { $0.score.isFinite })
        }
        let odd = grown.ranking(for: stranger, limit: 30, withPast: false, weights: .standard).prefix(5)
        #expect(odd.allSatisfy { (Int(grown.history.items.name(of: $0.item).dropFirst()) ?? 0) % 2 == 1 })
    }

    @Test func aGrownModelAndItsEncoderSurviveTheFiles() throws {
        let folder = FileManager.default.temporaryDirectory.path + "/grown-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let directory = try ModelDirectory(path: folder)
        let grown = try shop().adding([(ItemID("new"), Self.kind(false, "blue")), (ItemID("bare"), [:])])
        try directory.publish(grown)

        let loaded = try directory.load(grown.version)

        #expect(itemArrays(loaded) == itemArrays(grown))
        #expect(loaded.features.encoder == grown.features.encoder && !loaded.features.encoder.columns.isEmpty)
        let more: [DescribedItem] = [(ItemID("later"), Self.kind(true, "blue"))]
        #expect(itemArrays(try loaded.adding(more)) == itemArrays(try grown.adding(more)))
        #expect(
            EvaluationPipeline(loaded).lists(for: Array(0..<40), count: 10)
                == EvaluationPipeline(grown).lists(for: Array(0..<40), count: 10))
    }
}
