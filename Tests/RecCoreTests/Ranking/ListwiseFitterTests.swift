// The fitter finds planted weights, and says nothing where there is nothing to learn from.
import RecCore
import Testing

@Suite struct ListwiseFitterTests {
    /// Candidates with random signals, of which one is drawn by the softmax of `weights`.
    private func examples(_ count: Int, weights: [Signal: Double], seed: UInt64) -> [ListwiseFitter.Example] {
        var generator = SplitMix64(seed: seed)
        return (0..<count).map { _ in
            var signals: [Float] = []
            var scores: [Double] = []
            for _ in 0..<30 {
                var score = 0.0
                for signal in Signal.allCases {
                    let isUsed = [.taste, .graph, .popularWeek].contains(signal)
                    let value = isUsed ? Double.random(in: -1...1, using: &generator) : 0
                    signals.append(Float(value))
                    score += value * (weights[signal] ?? 0)
                }
                // Gumbel noise: the largest is a draw of the softmax.
                let uniform = Double.random(in: 1e-9...1, using: &generator)
                scores.append(score + gumbel(uniform))
            }
            let best = scores.indices.max { scores[$0] < scores[$1] } ?? 0
            return ListwiseFitter.Example(
                CandidateSet(items: (0..<30).map(Int32.init), signals: signals), relevant: [Int32(best)], pastItems: 5)
        }
    }

    private func gumbel(_ uniform: Double) -> Double {
        // -ln(-ln u) by a table would do; Foundation's logarithm is not needed for a test of weights.
        var low = -5.0
        var high = 25.0
        // u = exp(-exp(-x)): bisection on the distribution function.
        for _ in 0..<60 {
            let middle = (low + high) / 2
            if Self.distribution(middle) < uniform { low = middle } else { high = middle }
        }
        return (low + high) / 2
    }

    private static func distribution(_ x: Double) -> Double { exponential(-exponential(-x)) }

    private static func exponential(_ x: Double) -> Double {
        // exp by squaring: exp(x) = exp(x / 2^20)^(2^20).
        if x < -700 { return 0 }
        var value = 1 + x / 1_048_576 + x * x / (2 * 1_048_576 * 1_048_576)
        for _ in 0..<20 { value *= value }
        return value
    }

    @Test func plantedWeightsAreFound() throws {
        let planted: [Signal: Double] = [.taste: 2, .graph: -1, .popularWeek: 0.5]
        let fitted = try #require(ListwiseFitter(examples(1500, weights: planted, seed: 4), ridge: 1).fit()).weights
        // 1,500 draws among 30: standard error about 0.05 a weight.
        for (signal, weight) in planted { #expect(abs(fitted[signal] - weight) < 0.25, "\(signal): \(fitted[signal])") }
        #expect(fitted[.content] == 0)
    }

    @Test func fittedWeightsRankBetterThanNone() throws {
        let examples = examples(400, weights: [.taste: 3], seed: 9)
        let fitter = ListwiseFitter(examples)
        let none = fitter.meanAveragePrecision(
            SignalWeights(
                base: Array(repeating: 0, count: Signal.count), slope: Array(repeating: 0, count: Signal.count)))
        let fitted = try #require(fitter.fit())
        #expect(fitted.map > none + 0.1)
    }

    @Test func nothingTakenMeansNoWeights() {
        #expect(ListwiseFitter([]).fit() == nil)
        let set = CandidateSet(items: [1], signals: Array(repeating: 0, count: Signal.count))
        #expect(ListwiseFitter([ListwiseFitter.Example(set, relevant: [7], pastItems: 1)]).fit() == nil)
    }
}
