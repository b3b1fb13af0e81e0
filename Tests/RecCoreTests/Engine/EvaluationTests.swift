// Windows, segments and baselines of an evaluation.
import Testing

@testable import RecCore

@Suite struct EvaluationTests {
    private func evaluated(folds: Int) async throws -> FoldedEvaluation {
        var builder = try SmallShop.builder(users: 60, items: 20, events: 16)
        // Strangers, users with a short past, and an item nobody took before, all in the last window.
        for user in 0..<6 { builder.add(try SmallShop.event("new\(user)", "i\(user)", day: 15)) }
        for user in 0..<5 {
            builder.add(try SmallShop.event("rare\(user)", "i1", day: 1))
            builder.add(try SmallShop.event("rare\(user)", "launched", day: 15))
        }
        builder.add(item: ItemID("launched"))
        let options = TrainingOptions(als: try ALSConfiguration(dimension: 6, sweeps: 4), validationDays: 2)
        return try await TrainingData(builder: builder, attributes: [:]).evaluate(
            options, days: 2, folds: folds, created: SmallShop.day(100)
        ).report
    }

    @Test func segmentsCoverAllUsersOnce() async throws {
        let fold = try #require(try await evaluated(folds: 1).folds.first)
        let sizes = Dictionary(uniqueKeysWithValues: fold.segments.map { ($0.name, $0.users) })
        #expect(sizes["none"] == 6 && sizes["few"] == 5 && sizes["cold items"] == 5)
        #expect((sizes["warm"] ?? 0) + 11 == fold.users)
        // The mean over the segments, by their sizes, is the mean over all.
        let parts = fold.segments.prefix(3).reduce(0.0) {
            $0 + Double($1.users) * ($1.rows.first?.metrics["Recall@20"] ?? 0)
        }
        #expect(abs(parts / Double(fold.users) - (fold.rows[0].metrics["Recall@20"] ?? 0)) < 1e-5)
    }

    @Test func windowsStandBehindOneAnotherAndTheirMeanIsTold() async throws {
        let report = try await evaluated(folds: 2)
        #expect(report.folds.count == 2)
        let cuts = report.folds.compactMap(\.cut)
        #expect(cuts.count == 2 && cuts[0] > cuts[1])
        let means = report.folds.map { $0.rows[0].metrics["MAP@12"] ?? 0 }
        #expect(abs((report.rows[0].metrics["MAP@12"] ?? 0) - (means[0] + means[1]) / 2) < 1e-9)
    }

    @Test func noTrainingEventIsAtOrAfterTheCut() throws {
        let builder = try SmallShop.builder(users: 20, items: 20, events: 16)
        let folds = builder.evaluationFolds(days: 2, count: 3)
        #expect(folds.count == 3)
        for fold in folds {
            let cut = try #require(fold.cut)
            #expect(builder.build(only: fold.isTraining).lastTime < cut)
        }
    }

    @Test func tooManyWindowsAreNamedAndLeftOut() async throws {
        let report = try await evaluated(folds: 40)
        #expect(report.folds.count < 40 && !report.skipped.isEmpty)
    }

    @Test func everyPartAloneIsABaselineAndBeatsChanceOnPlantedTaste() async throws {
        let rows = try #require(try await evaluated(folds: 1).folds.first).rows
        #expect(rows.map(\.name) == ["hybrid model"] + Baselines.Name.allCases.map(\.rawValue))
        let random = try #require(rows.last?.metrics["MAP@12"])
        for name in [Baselines.Name.itemKNN, .randomWalk, .regression, .factors, .ownHistory] {
            let row = try #require(rows.first { $0.name == name.rawValue })
            #expect((row.metrics["MAP@12"] ?? 0) > random)
        }
    }
}
