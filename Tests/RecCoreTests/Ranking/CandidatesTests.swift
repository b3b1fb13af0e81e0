// Candidates of a catalogue that is larger than what any channel proposes.
import Testing

@testable import RecCore

@Suite struct CandidatesTests {
    private static let shop = Result {
        var builder = try SmallShop.builder(users: 300, items: 2400, events: 12, seed: 3)
        // Items that nobody took, described like those that sell.
        for item in 2400..<2600 { builder.add(item: ItemID("i\(item)")) }
        let attributes = Dictionary(
            uniqueKeysWithValues: (0..<2600).map {
                (ItemID("i\($0)"), ["group": $0 % 2 == 0 ? "even" : "odd", "text": "shelf\($0 % 40) row\($0 % 7)"])
            })
        return try SmallShop.snapshot(builder: builder, dimension: 40, attributes: attributes)
    }

    /// The rows that each channel proposes, by sorting everything.
    private func twin(
        _ snapshot: ModelSnapshot, _ user: UserEvidence, _ count: Int, _ isOpen: (Int) -> Bool
    ) -> Set<Int> {
        let scorer = snapshot.scorer
        let items = Array(0..<snapshot.history.items.count)
        var found = Set(user.past.map { Int($0.item) }.filter(isOpen))
        func best(_ rows: [Int], _ score: (Int) -> Float) {
            let ranked = rows.filter(isOpen).map { ScoredRow(row: $0, score: score($0)) }.sorted(by: ScoredRow.isBefore)
            found.formUnion(ranked.prefix(count).map(\.row))
        }
        let sides = [items.filter { scorer.isNew[$0] }, items.filter { !scorer.isNew[$0] }]
        let all = scorer.candidates(for: user, count: count, withPast: true, only: items)
        func signal(_ signal: Signal, _ row: Int) -> Float { all.signals[row * Signal.count + signal.rawValue] }
        if let factors = user.factors {
            for side in sides { best(side) { snapshot.factors.items.dot(row: $0, factors) } }
        }
        // Spreads change no order.
        for known in [
            Signal.graph, .walk, .plainWalk, .similarFast, .similarSlow, .similar, .contentNeighbours, .contentTwins,
            .regression, .sequence,
        ] {
            best(sides[1].filter { signal(known, $0) > 0 }) { signal(known, $0) }
        }
        for new in [Signal.newContentNeighbours, .newContentTwins] {
            best(sides[0].filter { signal(new, $0) > 0 }) { signal(new, $0) }
        }
        for list in scorer.bestSellers { found.formUnion(list.map { Int($0) }.filter(isOpen).prefix(count)) }
        return found
    }

    @Test(arguments: [0, 1, 17, 299], [5, 60])
    func candidatesAreTheBestOfEveryChannel(row: Int, count: Int) throws {
        let snapshot = try Self.shop.get()
        let user = snapshot.evidence(ofRow: row)
        for isOpen in [{ _ in true }, { $0 % 3 != 1 }] as [(Int) -> Bool] {
            let found = snapshot.scorer.candidates(for: user, count: count, withPast: true, isEligible: isOpen)

            #expect(Set(found.items.map { Int($0) }) == twin(snapshot, user, count, isOpen))
            #expect(found.items == found.items.sorted())
        }
    }

    @Test func requestsAtTheSameTimeAnswerAsOneByOne() throws {
        let snapshot = try Self.shop.get()
        let expected = (0..<300).map { snapshot.ranking(for: snapshot.evidence(ofRow: $0), limit: 20, withPast: true) }

        let lists = EvaluationPipeline(snapshot).lists(for: Array(0..<300), count: 20)

        #expect(lists == expected.map { $0.map { Int32($0.item) } })
    }

    @Test func rowsOfAnotherModelArePassedOver() throws {
        let snapshot = try Self.shop.get()
        var user = snapshot.evidence(ofRow: 3)
        let expected = snapshot.scorer.candidates(for: user, count: 20, withPast: true)
        let first = try #require(user.past.first)
        user.past += [2600, -1, Int32.max].map {
            PastItem(item: $0, confidence: 1, count: 1, freshness: first.freshness, lastMinutes: first.lastMinutes)
        }

        let found = snapshot.scorer.candidates(for: user, count: 20, withPast: true)
        let only = snapshot.scorer.candidates(for: user, count: 20, withPast: true, only: [5, 2600, -7])

        #expect(found.items == expected.items && found.signals == expected.signals)
        #expect(only.items == [5])
    }
}
