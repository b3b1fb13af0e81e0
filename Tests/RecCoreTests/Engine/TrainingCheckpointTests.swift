// A training run that was stopped goes on, and ends as if it had not been.
import Foundation
import Testing

@testable import RecCore

@Suite struct TrainingCheckpointTests {
    private let folder = FileManager.default.temporaryDirectory.path + "/checkpoint-\(UUID().uuidString)"

    private func options(_ solver: RowSolver, folder: String?) throws -> TrainingOptions {
        var options = TrainingOptions(als: try ALSConfiguration(dimension: 8, sweeps: 6))
        options.als.solver = solver
        options.stopsEarly = false
        options.checkpointsAll = true
        options.validationFolds = 1
        options.checkpoint = folder.map { TrainingCheckpoint(folder: $0) }
        return options
    }

    private func train(_ options: TrainingOptions, _ report: (TrainingStep) -> Void = { _ in }) throws -> ModelSnapshot
    {
        let builder = try SmallShop.builder(users: 40, items: 20)
        return try TrainingPipeline(options).train(
            builder, attributes: [:], version: try #require(ModelVersion("v1")), created: Timestamp(milliseconds: 0),
            report: report)
    }

    @Test(arguments: [RowSolver.exact, .conjugateGradient(steps: 3)])
    func everySweepCanBeTheLastBeforeAKill(solver: RowSolver) throws {
        let folder = folder + "\(solver == .exact)"
        let whole = try train(try options(solver, folder: nil))
        // What stood in the folder at each sweep of the final factorisation.
        var states: [String] = []
        var isFinal = false
        _ = try train(try options(solver, folder: folder)) { step in
            if case .fittingBlend = step { isFinal = true }
            guard isFinal, case .sweep(let number, _, _) = step, number > 1 else { return }
            let state = folder + "-at-\(number)"
            try? FileManager.default.copyItem(atPath: folder, toPath: state)
            states.append(state)
        }
        #expect(states.count == 5)
        for state in states {
            var resumed: [String] = []
            let again = try train(try options(solver, folder: state)) { step in
                if case .resumed(let what) = step { resumed.append(what) }
            }
            #expect(resumed.count == 2 && resumed[1].hasPrefix("sweep"), "\(resumed)")
            #expect(Array(again.factors.users.elements) == Array(whole.factors.users.elements))
            #expect(Array(again.factors.items.elements) == Array(whole.factors.items.elements))
            #expect(again.configuration.weights == whole.configuration.weights && again.metrics == whole.metrics)
            TrainingCheckpoint(folder: state).remove()
            #expect(!FileManager.default.fileExists(atPath: state))
        }
        try? FileManager.default.removeItem(atPath: folder)
    }

    @Test func damagedAndForeignStatesAreNotTakenUp() throws {
        let options = try options(.exact, folder: folder)
        _ = try train(options)
        defer { TrainingCheckpoint(folder: folder).remove() }
        func resumed(_ options: TrainingOptions) throws -> Int {
            var count = 0
            _ = try train(options) { if case .resumed = $0 { count += 1 } }
            return count
        }
        #expect(try resumed(options) == 2)
        var other = options
        other.als.regularization *= 2
        // Another run's state, which it replaces by its own.
        #expect(try resumed(other) == 0)
        #expect(try resumed(other) == 2)
        for name in try FileManager.default.contentsOfDirectory(atPath: folder) {
            let path = folder + "/" + name
            let bytes = try #require(FileManager.default.contents(atPath: path))
            try FileManager.default.removeItem(atPath: path)
            try bytes.prefix(bytes.count / 2).write(to: URL(fileURLWithPath: path))
            #expect(try resumed(other) == 1, "\(name) cut in half")
        }
    }

    @Test func aStateThatCannotBeWrittenIsAWarning() throws {
        var problems: [String] = []
        _ = try train(try options(.exact, folder: "/dev/null/nowhere")) { step in
            if case .notKept(let problem) = step { problems.append(problem) }
        }
        #expect(problems.count == 6 && problems.allSatisfy { $0.contains("/dev/null/nowhere") })
    }
}
