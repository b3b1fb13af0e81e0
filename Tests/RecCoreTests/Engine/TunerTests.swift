// Looking for settings: within the time given, and never for the worse.
import Synchronization
import Testing

@testable import RecCore

@Suite struct TunerTests {
    private func tuned(seconds: Double, clock: @escaping @Sendable () -> Double) throws -> (
        ModelSnapshot, [TuningTrial]
    ) {
        var options = TrainingOptions(
            als: try ALSConfiguration(dimension: 16, regularization: 4000, sweeps: 4), validationDays: 2)
        options.tuning = TuningBudget(seconds: seconds, clock: clock)
        var trials: [TuningTrial] = []
        let snapshot = try TrainingPipeline(options).train(
            try SmallShop.builder(users: 80, items: 30), attributes: [:], version: try #require(ModelVersion("v1")),
            created: SmallShop.day(100)
        ) { step in
            if case .tuned(let trial) = step { trials.append(trial) }
        }
        return (snapshot, trials)
    }

    @Test func noTimeMeansTheGivenSettings() throws {
        let now = Mutex(0.0)
        let (snapshot, trials) = try tuned(seconds: 1) {
            now.withLock { now in
                now += 5
                return now
            }
        }
        #expect(trials.count == 1)
        #expect(snapshot.configuration.als.regularization == 4000)
    }

    @Test func aSettingIsKeptOnlyWhereItIsBetterAndReachesTheModel() throws {
        let (snapshot, trials) = try tuned(seconds: 1000) { 0 }
        #expect(trials.count > 5)
        for trial in trials.dropFirst() { #expect(trial.isKept == (trial.gain > 0 && trial.gain > trial.error)) }
        let last = try #require(trials.last { $0.isKept })
        #expect(snapshot.configuration.als.dimension == last.als.dimension)
        #expect(snapshot.configuration.als.regularization == last.als.regularization)
        #expect(snapshot.configuration.confidence.halfLifeDays == last.halfLifeDays)
        #expect(snapshot.metrics["tuning trials"] == Double(trials.count))
    }
}
