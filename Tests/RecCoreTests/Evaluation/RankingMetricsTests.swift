// Metrics against golden values worked out with other libraries, and against the definition by hand.
import RecCore
import Testing

@Suite struct RankingMetricsTests {
    /// Four users, k = 3; the figures are those of the design's section on metric definitions.
    private let lists = [[7, 8, 9], [1, 2, 3], [1, 2, 3], [4, 1, 5]]
    private let relevant: [Set<Int>] = [[1, 2], [1], [1, 3, 4], [1, 2, 4, 5, 6]]

    private func mean(_ metric: ([Int], Set<Int>) -> Double) -> Double {
        zip(lists, relevant).reduce(0) { $0 + metric($1.0, $1.1) } / 4
    }

    @Test func goldenValues() {
        #expect(abs(mean { RankingMetrics.averagePrecision($0, $1, at: 3) } - 0.638889) < 1e-6)
        #expect(abs(mean { RankingMetrics.ndcg($0, $1, at: 3) } - 0.675980) < 1e-6)
        #expect(abs(mean { RankingMetrics.recall($0, $1, at: 3) } - 0.566667) < 1e-6)
    }

    @Test func aRepeatedPredictionCountsOnce() {
        #expect(RankingMetrics.averagePrecision([1, 1, 1], [1, 2], at: 12) == 0.5)
        #expect(RankingMetrics<Int>.recall([1, 1], [1, 2], at: 2) == 0.5)
    }

    @Test func usersWithoutRelevantItemsAreLeftOutAndWithoutAListScoreZero() {
        var metrics = RankingMetrics<Int>(catalogueSize: 4)
        metrics.add(predicted: [1], relevant: [])
        metrics.add(predicted: [1], relevant: [1])
        metrics.add(predicted: [], relevant: [1])
        #expect(metrics.userCount == 2)
        #expect(metrics.results["MAP@12"] == 0.5)
        #expect(metrics.results["Coverage@12"] == 0.25)
    }
}
