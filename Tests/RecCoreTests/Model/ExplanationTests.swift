// Scores taken apart: by channel and by item of the past, each adding up.
import Testing

@testable import RecCore

@Suite struct ExplanationTests {
    @Test func bothSumsGiveTheScore() throws {
        let snapshot = try SmallShop.snapshot()
        for user in 0..<10 {
            let evidence = snapshot.evidence(ofRow: user)
            let ranking = snapshot.ranking(for: evidence, limit: 12, withPast: true, weights: .standard)
            for explanation in snapshot.explanations(of: ranking, for: evidence, weights: .standard) {
                let past = explanation.past.reduce(0) { $0 + $1.value }
                #expect(abs(explanation.channels.values.reduce(0, +) - explanation.score) < 1e-4)
                #expect(abs(past + explanation.withoutPast - explanation.score) < 1e-4)
                #expect(!explanation.past.isEmpty)
            }
        }
    }

    @Test func sharesOfTasteSumToTheInnerProduct() throws {
        let snapshot = try SmallShop.snapshot()
        let evidence = snapshot.evidence(ofRow: 3)
        let factors = try #require(evidence.factors)
        let rows = Array(0..<snapshot.history.items.count)
        let shares = snapshot.foldIn.shares(
            of: evidence.past.map(\.item), confidences: evidence.past.map(\.confidence), in: rows)
        for row in rows {
            let product = snapshot.factors.items.dot(row: row, factors)
            #expect(abs(shares[row].reduce(0, +) - product) < 1e-4)
        }
    }

    @Test func theItemThatLeadsToACompanionIsNamedFirst() throws {
        var builder = try SmallShop.builder()
        // Only buyers of the kettle buy tea, and everybody has other things too.
        for user in 0..<20 {
            builder.add(try SmallShop.event("u\(user)", "kettle", day: 3))
            if user > 0 { builder.add(try SmallShop.event("u\(user)", "tea", day: 4)) }
        }
        let snapshot = try SmallShop.snapshot(builder: builder)
        let evidence = snapshot.evidence(ofRow: try #require(snapshot.history.users.row(of: "u0")))
        let tea = try #require(snapshot.history.items.row(of: "tea"))
        var weights = SignalWeights.tasteOnly
        weights[.taste] = 0
        weights[.regression] = 1
        weights[.walkSum] = 1
        let ranking = snapshot.ranking(for: evidence, limit: 1, withPast: true, weights: weights, only: [tea])

        let explanation = try #require(snapshot.explanations(of: ranking, for: evidence, weights: weights).first)

        #expect(snapshot.history.items.name(of: try #require(explanation.past.first).item) == "kettle")
    }
}
