// Strengths stay within the loss that they were allowed.
import Testing

@testable import RecCore

@Suite struct PolicyCalibrationTests {
    /// Users who take items in proportion to e^score, so that the best list is that of the scores.
    private func examples(_ count: Int) -> [PolicyCalibration.Example] {
        var generator = SplitMix64(seed: 2)
        return (0..<count).map { _ in
            let scores = (0..<150).map { _ in Float(generator.nextUnit() * 5) }
            let taken = scores.map { generator.nextUnit() < expOf(Double($0) - 5.5) }
            return PolicyCalibration.Example(
                scores: scores, logShares: scores.map { $0 - 10 + Float(generator.nextUnit()) }, isRelevant: taken,
                relevantCount: taken.count { $0 })
        }
    }

    @Test func theLossIsUsedAndKept() throws {
        let calibration = PolicyCalibration(examples: examples(800), seed: 1)
        let greedy = calibration.map12(.greedy)
        for loss in [0.03, 0.1] {
            let temperature = try #require(
                calibration.largest(in: 0.005...2, floor: greedy * (1 - loss)) {
                    ComposedPolicy(.plackettLuce(temperature: $0))
                })
            let found = 1 - calibration.map12(ComposedPolicy(.plackettLuce(temperature: temperature))) / greedy
            #expect(found <= loss && found > loss * 0.7)
            // Other luck than the one that it was found with.
            let other = PolicyCalibration(examples: calibration.examples, seed: 77)
            #expect(1 - other.map12(ComposedPolicy(.plackettLuce(temperature: temperature))) / greedy < loss * 1.5)
        }
    }

    @Test func theFrontierBeginsAtGreedyAndDiscoversMoreForEachStep() throws {
        let calibration = PolicyCalibration(examples: examples(400), seed: 1)
        let settings = ExplorationSettings(temper: 0.2, temperature: 0.2, strangerTemperature: 0.1)
        let frontier = calibration.frontier(around: settings, headShare: -7)
        #expect(frontier.first?.policy == .greedy)
        #expect(abs((frontier.first?.map12 ?? 0) - calibration.map12(.greedy)) < 1e-12)
        for (weaker, stronger) in zip(frontier, frontier.dropFirst()) {
            // 400 users and their luck: a step back of a hundredth is none.
            #expect(stronger.tail > weaker.tail - 0.01 && stronger.map12 < weaker.map12 + 0.01)
        }
        #expect((frontier.last?.tail ?? 0) > (frontier.first?.tail ?? 1))
    }

    @Test func trainingKeepsWhatItFoundWithTheModel() throws {
        let snapshot = try PlantedShopModel.snapshot(loss: 0.05)
        let found = try #require(snapshot.configuration.exploration)
        #expect(found.loss == 0.05 && found.temper > 0 && found.temperature > 0)
        #expect(found.frontier.count > 2 && found.frontier.allSatisfy { (0...1).contains($0.tail) })
        #expect(try PlantedShopModel.snapshot(loss: nil).configuration.exploration == nil)
    }

    private enum PlantedShopModel {
        static func snapshot(loss: Double?) throws -> ModelSnapshot {
            var options = TrainingOptions(als: try ALSConfiguration(dimension: 6, sweeps: 4), validationDays: 2)
            options.explorationLoss = loss
            return try TrainingPipeline(options).train(
                try SmallShop.builder(users: 60, items: 20, events: 16), attributes: [:],
                version: try #require(ModelVersion("v1")), created: SmallShop.day(100))
        }
    }
}
