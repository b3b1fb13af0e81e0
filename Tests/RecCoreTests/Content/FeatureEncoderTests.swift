// A later item is read as those of the training were.
import RecCore
import Testing

@Suite struct FeatureEncoderTests {
    /// A number with many values, a category, free text, and gaps.
    private func rows(_ count: Int) -> [[String: String]] {
        var generator = SplitMix64(seed: 11)
        let words = ["red", "wool", "shirt", "Größe", "summer", "long", "λ-cut", "x"]
        return (0..<count).map { row in
            var attributes = ["price": "\(Double.random(in: -5...500, using: &generator))"]
            if row % 3 > 0 { attributes["group"] = ["Men", "women", "KIDS"][row % 3] }
            if row % 5 > 0 {
                attributes["text"] =
                    (0..<4).map { _ in words.randomElement(using: &generator) ?? "" }
                    .joined(separator: " ") + " no. \(row)"
            }
            return attributes
        }
    }

    private func isSame(
        _ row: [(column: Int32, value: Float)], _ features: ItemFeatures, item: Int
    ) -> Bool {
        let held = features.matrix.range(of: item)
        return row.map(\.column) == held.map { features.matrix.indices[$0] }
            && row.map(\.value) == held.map { features.matrix.values[$0] }
    }

    @Test func attributesOfTheTrainingGiveTheTrainedRowToTheBit() {
        let rows = rows(200)

        let features = ItemFeatures.build(rows)

        #expect(rows.indices.allSatisfy { isSame(features.row(of: rows[$0]), features, item: $0) })
        #expect(features.encoder.columns["group"] == .categories && features.encoder.columns["text"] == .words)
        if case .ranges(let limits) = features.encoder.columns["price"] {
            #expect(limits.count == 9 && limits == limits.sorted())
        } else {
            Issue.record("the price is no column of ranges")
        }
    }

    @Test func aRowDiffersFromItsNeighbours() {
        let features = ItemFeatures.build(rows(50))

        #expect(!isSame(features.row(of: ["group": "women"]), features, item: 3))
        #expect(!features.row(of: ["group": "women"]).isEmpty)
    }

    @Test(arguments: [
        [:], ["unknown": "red"], ["price": "NaN"], ["price": "inf"], ["price": "1e999"], ["price": "a lot"],
        ["price": ""], ["group": ""], ["text": "\u{0}\u{1F9E6}\u{200D}"], ["": ""], ["text": "never seen words"],
        ["text": String(repeating: "zz ", count: 100_000)],
    ])
    func whatTrainingDidNotKnowGivesNothing(_ attributes: [String: String]) {
        #expect(ItemFeatures.build(rows(60)).row(of: attributes).isEmpty)
        #expect(ItemFeatures.build([]).row(of: attributes).isEmpty)
    }

    @Test func oddValuesBesideGoodOnesLeaveARowOfLengthOne() {
        let features = ItemFeatures.build(rows(60))

        let row = features.row(of: ["price": "nan", "group": "MEN", "text": String(repeating: "red ", count: 5_000)])

        let length = row.reduce(Float(0)) { $0 + $1.value * $1.value }
        #expect(row.count >= 1 && abs(length - 1) < 1e-5)
        #expect(row.allSatisfy { $0.value.isFinite })
    }

    @Test func aColumnAnItemDoesNotMakeAnEndlessManifest() {
        let features = ItemFeatures.build(
            (0..<2_000).map { ["column \($0)": "red", "all": "wool", String(repeating: "n", count: 300): "long"] })

        #expect(features.encoder.columns.count == 500 && features.encoder.columns["all"] != nil)
        #expect(features.encoder.columns.keys.allSatisfy { $0.utf8.count <= 200 })
    }
}
