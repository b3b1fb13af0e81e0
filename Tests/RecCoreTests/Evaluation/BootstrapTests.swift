// Intervals: how often they hold the true mean, and that they are the same every time.
import Testing

@testable import RecCore

@Suite struct BootstrapTests {
    private func column(_ values: [Float]) -> [UserFigures] { values.map { UserFigures(repeating: $0) } }

    private func interval(_ values: [Float]) throws -> Interval {
        try #require(Bootstrap.interval(Bootstrap.means([column(values)], resamples: 200).map { Double($0[0][0]) }))
    }

    /// 200 draws of 100 users, a user's figure being 1 with probability 0.3. The true coverage of such an interval is about
    /// 94 %; fewer than 176 of 200 would come up once in 2,000 runs, and the seed is fixed.
    @Test func theTrueMeanIsInsideAboutAsOftenAsStated() throws {
        var generator = SplitMix64(seed: 11)
        var inside = 0
        for _ in 0..<200 {
            let values = (0..<100).map { _ in Float(Double.random(in: 0..<1, using: &generator) < 0.3 ? 1 : 0) }
            let found = try interval(values)
            if found.low <= 0.3, 0.3 <= found.high { inside += 1 }
        }
        #expect(inside >= 176 && inside < 200)
    }

    @Test func theSameFiguresGiveTheSameInterval() throws {
        let values = (0..<50).map { Float($0 % 7) / 7 }
        #expect(try interval(values) == interval(values))
        #expect(try interval(values).low < interval(values).high)
    }

    @Test func oneUserHasNoInterval() {
        #expect(Bootstrap.means([column([1])]).isEmpty)
        #expect(Bootstrap.interval([]) == nil)
        let row = EvaluationRow.make(["model"], [column([0.5])])[0]
        #expect(row.metrics["MAP@12"] == 0.5 && row.intervals["MAP@12"] == nil)
    }

    @Test func aDifferenceIsPairedUserByUser() throws {
        // The model is better by 0.1 for every user: however users differ, the lead does not.
        let base = (0..<60).map { Float($0 % 5) / 10 }
        let rows = EvaluationRow.make(["model", "base"], [column(base.map { $0 + 0.1 }), column(base)])
        let lead = try #require(rows[1].leadInterval)
        #expect(abs(lead.low - 0.1) < 1e-4 && abs(lead.high - 0.1) < 1e-4)
        #expect(rows[0].lead == nil)
    }
}
