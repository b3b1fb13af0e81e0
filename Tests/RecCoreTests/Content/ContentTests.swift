// Features and the projection find what was planted.
import Testing

@testable import RecCore

@Suite struct ContentTests {
    @Test func aColdItemIsPlacedBesideItsTwin() throws {
        var builder = try SmallShop.builder()
        builder.add(item: ItemID("cold"))
        var attributes: [ItemID: [String: String]] = [ItemID("cold"): ["group": "even", "colour": "red"]]
        for item in 0..<20 {
            attributes[ItemID("i\(item)")] = [
                "group": item % 2 == 0 ? "even" : "odd", "colour": item < 10 ? "red" : "blue",
            ]
        }
        let snapshot = try SmallShop.snapshot(builder: builder, attributes: attributes)
        let cold = try #require(snapshot.history.items.row(of: "cold"))
        let direction = snapshot.factors.items[row: cold]

        let similar = snapshot.cosines.largest(
            11, query: direction, in: snapshot.factors.items, where: { $0 != cold })

        let even = similar.prefix(10).count {
            let number = Int(snapshot.history.items.name(of: $0.row).dropFirst()) ?? 1
            return number % 2 == 0
        }
        #expect(even == 10)
    }

    @Test func rareAndCommonFeaturesAreLeftOutAndRowsHaveLengthOne() {
        let rows = (0..<10).map { ["kind": $0 % 2 == 0 ? "a" : "b", "shop": "same", "serial": "number \($0)x"] }
        let features = ItemFeatures.build(rows)
        let names = (0..<features.vocabulary.count).map { features.vocabulary.name(of: $0) }
        #expect(names.contains("kind=a") && !names.contains("shop=same") && !names.contains("word:3x"))
        for row in 0..<10 {
            let square = features.matrix.range(of: row).reduce(Float(0)) {
                $0 + features.matrix.values[$1] * features.matrix.values[$1]
            }
            #expect(abs(square - 1) < 1e-5)
        }
    }

    @Test func emptyCatalogueMakesNoFeatures() {
        #expect(ItemFeatures.build([]).matrix.rows == 0)
        #expect(ItemFeatures.build([[:], [:]]).vocabulary.count == 0)
    }
}
