// Factors of items from elsewhere: the users' side, the manifest, and what is refused.
import Foundation
import Synchronization
import Testing

@testable import RecCore

@Suite struct ItemFactorizerTests {
    /// Our own trainer in the place of a cluster; `change` spoils what it found.
    private struct Elsewhere: ItemFactorizer {
        let name = "elsewhere"
        var change: @Sendable (DenseMatrix) -> DenseMatrix = { $0 }
        func itemFactors(
            of matrix: InteractionMatrix, _ configuration: ALSConfiguration, report: (String) -> Void
        ) throws(TrainingError) -> DenseMatrix {
            report("\(matrix.entryCount) pairs")
            return change(try ALSTrainer(configuration).fit(matrix).factors.items)
        }
    }

    private func configuration() throws -> ALSConfiguration {
        var configuration = try ALSConfiguration(dimension: 8, sweeps: 4)
        configuration.usesExposure = false
        return configuration
    }

    @Test func usersOfGivenItemsAreThoseThatTrainingEndsWith() throws {
        let matrix = try SmallShop.builder().build(ConfidenceModel()).matrix
        let trainer = ALSTrainer(try configuration())
        let trained = try trainer.fit(matrix)

        let solved = try trainer.solvingUsers(of: matrix, items: trained.factors.items)

        // The basis may differ by signs: inner products may not. Float32 sums of 8 terms of size 1.
        for user in 0..<matrix.rows {
            for item in 0..<matrix.columns {
                func product(_ factors: Factors) -> Float {
                    zip(factors.users[row: user], factors.items[row: item]).reduce(0) { $0 + $1.0 * $1.1 }
                }
                #expect(abs(product(solved.factors) - product(trained.factors)) < 1e-5)
            }
        }
    }

    @Test func modelOfOtherFactorsIsFittedPublishedAndSaysSo() throws {
        var options = TrainingOptions(als: try configuration(), validationDays: 2)
        options.factorizer = Elsewhere()
        // Neither of them is for factors from elsewhere.
        options.tuning = TuningBudget(seconds: 1000) { 0 }
        let told = Mutex<[String]>([])

        let snapshot = try TrainingPipeline(options).train(
            try SmallShop.builder(users: 80, items: 30), attributes: [:], version: try #require(ModelVersion("v1")),
            created: SmallShop.day(100)
        ) { step in
            if case .elsewhere(let line) = step { told.withLock { $0.append(line) } }
            if case .sweep = step { Issue.record("a sweep of our own") }
        }

        #expect(told.withLock { $0.count } >= 2, "a validation window and the model")
        #expect(snapshot.metrics["validation MAP@12"] != nil)
        let folder = try ModelDirectoryTests.Folder()
        let directory = try ModelDirectory(path: folder.path)
        try directory.publish(snapshot)
        let loaded = try directory.load(snapshot.version)
        #expect(loaded.configuration.factorizer == "elsewhere" && loaded.configuration == snapshot.configuration)
        for user in 0..<loaded.history.users.count {
            let past = loaded.history.past(of: user)
            let folded = loaded.foldIn.user(entries: past.map(\.item), confidences: past.map(\.confidence))
            for (a, b) in zip(folded, loaded.factors.users[row: user]) { #expect(abs(a - b) < 1e-5) }
        }
    }

    @Test(arguments: ["rows", "columns", "NaN"])
    func factorsThatDoNotFitAreRefused(_ fault: String) throws {
        var options = TrainingOptions(als: try configuration(), weights: .standard, strangers: .standard)
        options.repeats = true
        options.factorizer = Elsewhere { matrix in
            switch fault {
            case "rows": matrix.padded(rows: matrix.rows + 1)
            case "columns": matrix.padded(columns: matrix.columns + 1)
            default:
                DenseMatrix(
                    rows: matrix.rows, columns: matrix.columns,
                    Array(repeating: Float.nan, count: matrix.rows * matrix.columns))
            }
        }
        let version = try #require(ModelVersion("v1"))
        let builder = try SmallShop.builder()
        let error = #expect(throws: TrainingError.self) {
            try TrainingPipeline(options).train(builder, attributes: [:], version: version, created: SmallShop.day(100))
        }
        guard case .factorizer = error else {
            Issue.record("\(String(describing: error))")
            return
        }
    }

    @Test func arrayOfAnotherProgramMustBeWhatWasAskedFor() throws {
        let folder = try ModelDirectoryTests.Folder()
        let path = folder.path + "/items.npy"
        var head = "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }"
        head += String(repeating: " ", count: 128 - 10 - head.utf8.count - 1) + "\n"
        var bytes = Data([0x93] + Array("NUMPY".utf8) + [1, 0, 118, 0] + Array(head.utf8))
        for value in [Float(1), 2, 3, 4, 5, 6] { withUnsafeBytes(of: value.bitPattern.littleEndian) { bytes += $0 } }
        try bytes.write(to: URL(fileURLWithPath: path))

        let matrix = try DenseMatrix(numpyFile: path, rows: 2, columns: 3)
        try FileManager.default.removeItem(atPath: path)
        #expect(matrix[row: 1] == [4, 5, 6])

        for broken in [bytes.dropLast(), bytes + [0], Data(bytes.prefix(50)), Data()] {
            try Data(broken).write(to: URL(fileURLWithPath: path))
            let error = #expect(throws: TrainingError.self) {
                try DenseMatrix(numpyFile: path, rows: 2, columns: 3)
            }
            #expect(error?.description.contains(path) == true)
        }
        #expect(throws: TrainingError.self) { try DenseMatrix(numpyFile: folder.path + "/none", rows: 2, columns: 3) }
        #expect(throws: TrainingError.self) { try DenseMatrix(numpyFile: path, rows: Int.max, columns: 3) }
    }
}
