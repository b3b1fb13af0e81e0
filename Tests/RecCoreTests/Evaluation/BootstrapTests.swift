// Intervals: how often they hold the true mean, and that they are the same every time.
import Testing

@testable import RecCore

@Suite struct BootstrapTests {
    private func column(_ values: [Float]) -> [UserFigures] { values.map { UserFigures(repeating: $0) } }

    private func window(_ columns: [Float]...) -> WindowFigures {
        WindowFigures(users: Array(columns[0].indices), columns: columns.map(column))
    }

    private func interval(_ values: [Float]) throws -> Interval {
        try #require(Bootstrap.interval(Bootstrap.means([window(values)], resamples: 200).map { Double($0[0][0]) }))
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
        #expect(Bootstrap.means([window([1])]).isEmpty)
        #expect(Bootstrap.interval([]) == nil)
        let row = EvaluationRow.make(["model"], [window([0.5])])[0]
        #expect(row.metrics["MAP@12"] == 0.5 && row.intervals["MAP@12"] == nil)
    }

    @Test func aDifferenceIsPairedUserByUser() throws {
        // The model is better by 0.1 for every user: however users differ, the lead does not.
        let base = (0..<60).map { Float($0 % 5) / 10 }
        let rows = EvaluationRow.make(["model", "base"], [window(base.map { $0 + 0.1 }, base)])
        let lead = try #require(rows[1].leadInterval)
        #expect(abs(lead.low - 0.1) < 1e-4 && abs(lead.high - 0.1) < 1e-4)
        #expect(rows[0].lead == nil)
    }

    /// The same users twice are no new knowledge; other users are.
    @Test func aUserOfTwoWindowsCountsOnce() throws {
        let values = (0..<50).map { Float($0 % 7) / 7 }
        func interval(_ windows: [WindowFigures]) throws -> Interval {
            try #require(EvaluationRow.make(["model"], windows)[0].intervals["MAP@12"])
        }
        let one = try interval([window(values)])
        let same = try interval([window(values), window(values)])
        #expect(abs(same.low - one.low) < 1e-6 && abs(same.high - one.high) < 1e-6)
        let others = try interval([
            window(values), WindowFigures(users: Array(50..<100), columns: [column(values)]),
        ])
        #expect(others.margin < 0.85 * one.margin)
    }

    @Test func everyWindowWeighsTheSame() {
        let few = WindowFigures(users: [0, 1], columns: [column([1, 1])])
        let many = WindowFigures(users: Array(2..<52), columns: [column([Float](repeating: 0, count: 50))])
        #expect(EvaluationRow.make(["model"], [few, many])[0].metrics["MAP@12"] == 0.5)
    }
}
