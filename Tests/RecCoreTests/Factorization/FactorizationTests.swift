// iALS against its slow twin, and the fold-in against training.
import RecCore
import Testing

@Suite struct FactorizationTests {
    private func randomRows(_ rows: Int, _ d: Int, seed: UInt64) -> [[Float]] {
        var generator = SplitMix64(seed: seed)
        return (0..<rows).map { _ in (0..<d).map { _ in generator.nextNormal() } }
    }

    /// Float32 systems of up to 40 unknowns: 1e-4 of the largest value.
    @Test(arguments: [(3, 8), (7, 8), (8, 8), (30, 8), (300, 4), (0, 5)])
    func foldInEqualsTheNormalEquations(entries: Int, d: Int) throws {
        let rows = randomRows(400, d, seed: 3)
        let configuration = try ALSConfiguration(
            dimension: d, unobservedWeight: 0.05, regularization: 0.02, frequencyScaling: 1)
        let items = DenseMatrix(rows: 400, columns: d, rows.flatMap { $0 })
        let foldIn = try #require(FoldIn(items: items, configuration: configuration))
        var generator = SplitMix64(seed: 11)
        let chosen = Array((0..<400).shuffled(using: &generator).prefix(entries))
        let confidences = chosen.map { _ in Float(0.2 + 3 * generator.nextUnit()) }
        let prior = (0..<d).map { _ in generator.nextNormal() }

        for prior in [nil, prior] {
            let found = foldIn.user(entries: chosen.map(Int32.init), confidences: confidences, prior: prior)

            let sum = confidences.reduce(0.0) { $0 + Double($1) }
            let expected = DenseReference.foldIn(
                items: rows, entries: chosen, confidences: confidences.map(Double.init), unobserved: 0.05,
                regularization: 0.02 * (sum + 0.05 * 400), prior: prior?.map(Double.init))
            let scale = expected.reduce(1e-3) { max($0, abs($1)) }
            for (a, b) in zip(found, expected) { #expect(abs(Double(a) - b) < 1e-4 * scale) }
        }
    }

    @Test func foldInOfATrainingRowGivesTheTrainedVector() throws {
        let snapshot = try SmallShop.snapshot(dimension: 16)

        for user in 0..<snapshot.history.users.count {
            let past = snapshot.history.past(of: user)
            let folded = snapshot.foldIn.user(entries: past.map(\.item), confidences: past.map(\.confidence))
            // 1e-5: Float32 sums of up to 20 terms of size 1.
            for (a, b) in zip(folded, snapshot.factors.users[row: user]) { #expect(abs(a - b) < 1e-5) }
        }
    }

    @Test func liveEventsAddToWhatTrainingKnewAsTrainingWould() throws {
        var builder = try SmallShop.builder(events: 12)
        for day in 0..<9 { builder.add(try SmallShop.event("u0", "i0", day: day)) }
        let before = try SmallShop.snapshot(builder: builder)
        let live = [
            try SmallShop.event("u0", "i0", day: 13, id: "a"), try SmallShop.event("u0", "i4", day: 12, id: "b"),
        ]
        for event in live { builder.add(event) }
        let after = builder.build(before.configuration.confidence)

        let evidence = before.evidence(of: UserID("u0"), events: live)

        let row = try #require(after.users.row(of: "u0"))
        for (found, expected) in zip(evidence.past, after.past(of: row)) {
            #expect(found.item == expected.item && found.count == expected.count)
            #expect(found.lastMinutes == expected.lastMinutes)
            #expect(abs(found.confidence - expected.confidence) < 1e-5)
            #expect(abs(found.freshness.slow - expected.freshness.slow) < 1e-5)
            #expect(abs(found.freshness.fast - expected.freshness.fast) < 1e-5)
        }
        #expect(evidence.past.count == after.past(of: row).count)
    }

    @Test func checkerboardIsFound() throws {
        let snapshot = try SmallShop.snapshot()

        var right = 0
        var wrong = 0
        for user in 0..<40 {
            let row = try #require(snapshot.history.users.row(of: "u\(user)"))
            for item in 0..<20 {
                let column = try #require(snapshot.history.items.row(of: "i\(item)"))
                let score = zip(snapshot.factors.users[row: row], snapshot.factors.items[row: column])
                    .reduce(Float(0)) { $0 + $1.0 * $1.1 }
                if (score > 0.3) == (user % 2 == item % 2) { right += 1 } else { wrong += 1 }
            }
        }
        #expect(wrong * 20 < right)
    }

    @Test func moreFactorsThanItemsGiveFiniteNumbers() throws {
        let snapshot = try SmallShop.snapshot(dimension: 64)
        #expect(snapshot.factors.items.isFinite && snapshot.factors.users.isFinite)
    }

    @Test func sameSeedGivesTheSameFactors() throws {
        let a = try SmallShop.snapshot()
        let b = try SmallShop.snapshot()
        for row in 0..<a.history.items.count { #expect(a.factors.items[row: row] == b.factors.items[row: row]) }
    }

    @Test func nothingToLearnFromIsATypedError() throws {
        let options = TrainingOptions(als: try ALSConfiguration(dimension: 4))
        #expect(throws: TrainingError.self) {
            try TrainingPipeline(options).train(
                HistoryBuilder(), attributes: [:], version: try #require(ModelVersion("v")), created: SmallShop.day(0))
        }
    }

    @Test(arguments: [0, 4000])
    func dimensionOutOfRangeIsNamed(_ dimension: Int) {
        #expect(throws: TrainingError.configuration("dimension \(dimension) is outside 1...2048")) {
            try ALSConfiguration(dimension: dimension)
        }
    }

    @Test func oneUserAndOneItemMakeAModel() throws {
        var builder = HistoryBuilder()
        builder.add(try SmallShop.event("u", "i", day: 1))
        let snapshot = try SmallShop.snapshot(builder: builder, repeats: nil)
        #expect(snapshot.factors.users.isFinite)
    }
}
