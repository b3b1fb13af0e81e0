// Factors by Spark: what is written for it, how its failures are told, and Spark itself where it is installed.
import Foundation
import RecCore
import RecTesting
import Testing

@testable import RecFiles

@Suite struct SparkFactorizerTests {
    /// 4 users x 3 items; the last user took nothing.
    private var matrix: InteractionMatrix {
        InteractionMatrix(
            rows: 4, columns: 3, offsets: Column([0, 2, 3, 5, 5]), indices: Column([0, 2, 1, 0, 1]),
            values: Column([1, 2.5, 1, 3e-5, 4]))
    }

    private func configuration() throws -> ALSConfiguration { try ALSConfiguration(dimension: 2, sweeps: 3) }

    /// A program in the place of spark-submit.
    private func factorizer(_ scratch: Scratch, _ script: String) throws -> SparkFactorizer {
        let path = try scratch.file("spark-submit", "#!/bin/sh\n" + script)
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path)
        return SparkFactorizer(
            SparkSettings(
                submit: path, master: "local[2]", folder: scratch.path + "/work", properties: ["spark.x=a b"]))
    }

    /// The run's folder, from the last argument.
    private static let inFolder = "for last; do :; done; folder=$(dirname \"$last\")\n"

    private func failure(_ factorizer: SparkFactorizer) throws -> String {
        let (matrix, configuration) = (matrix, try configuration())
        let error = #expect(throws: TrainingError.self) {
            try factorizer.itemFactors(of: matrix, configuration, report: { _ in })
        }
        guard case .factorizer(let text) = error else { return "" }
        return text
    }

    @Test func pairsAreWrittenAsNumbersAndTheTaskIsWhole() throws {
        let scratch = try Scratch()
        let factorizer = try factorizer(
            scratch,
            Self.inFolder
                + "echo one; echo \"$@\" >\(scratch.path)/arguments; cp -r $folder/pairs \(scratch.path)/pairs; printf 'two, no end'; exit 3\n"
        )
        var told: [String] = []

        _ = try? factorizer.itemFactors(of: matrix, try configuration()) { told.append($0) }

        #expect(told.dropFirst() == ["Spark: one", "Spark: two, no end"])
        let run = try #require(try FileManager.default.contentsOfDirectory(atPath: scratch.path + "/work").first)
        #expect(try FileManager.default.contentsOfDirectory(atPath: scratch.path + "/pairs") == ["part-00000.csv"])
        let kept = try FileManager.default.contentsOfDirectory(atPath: scratch.path + "/work/\(run)")
        #expect(Set(kept) == ["settings.json", "spark.log", "spark_als.py"], "of a run that failed")
        #expect(
            try scratch.text("pairs/part-00000.csv")
                == "0,0,1.0\n0,2,2.5\n1,1,1.0\n2,0,3e-05\n2,1,4.0\n")
        let task = try #require(
            try JSONSerialization.jsonObject(with: Data(try scratch.text("work/\(run)/settings.json").utf8))
                as? [String: Any])
        #expect(task["items"] as? Int == 3 && task["dimension"] as? Int == 2 && task["sweeps"] as? Int == 3)
        #expect(task["alpha"] as? Double == 1 / 0.0256)
        // lambda (users + items) / (2 a0 pairs)
        #expect(task["regularization"] as? Double == 0.5 * 7 / (2 * 0.0256 * 5))
        let arguments = try scratch.text("arguments")
        #expect(arguments.hasPrefix("--master local[2] --conf") && arguments.contains("--conf spark.x=a b"))
    }

    @Test func failureNamesTheCodeAndShowsTheEndOfTheLog() throws {
        let scratch = try Scratch()
        let text = try failure(
            try factorizer(scratch, "for i in $(seq 100); do echo line $i >&2; done; echo no memory >&2; exit 7\n"))
        #expect(text.contains("exit code 7") && text.contains("no memory") && text.contains("/spark.log"))
        #expect(!text.contains("line 50\n") && text.contains("line 100\n"))
        #expect(try failure(try factorizer(scratch, "kill -9 $$\n")).contains("signal 9"))
    }

    @Test func whatIsMissingOrWrongIsNamed() throws {
        let scratch = try Scratch()
        var factorizer = try factorizer(scratch, "true\n")
        #expect(try failure(factorizer).contains("items.npy"), "it ended well and wrote nothing")
        factorizer = try self.factorizer(scratch, Self.inFolder + "echo rubbish >$folder/items.npy\n")
        #expect(try failure(factorizer).contains("3 x 2"))
        let none = SparkFactorizer(SparkSettings(submit: scratch.path + "/none", folder: scratch.path + "/work"))
        #expect(try failure(none).contains("--spark-submit"))
        _ = try scratch.file("file", "")
        let blocked = SparkFactorizer(SparkSettings(submit: "true", folder: scratch.path + "/file/work"))
        #expect(try failure(blocked).contains("file"))
    }

    @Test func whatLiesInTheNamedFolderIsLeftAloneAndTheRunsOwnGoes() throws {
        let scratch = try Scratch()
        try FileManager.default.createDirectory(atPath: scratch.path + "/work", withIntermediateDirectories: true)
        _ = try scratch.file("work/precious", "mine")
        let header = "{'descr': '<f4', 'fortran_order': False, 'shape': (3, 2), }"
        let padded = header + String(repeating: " ", count: 117 - header.count) + "\n"
        let zeros = [0x93] + Array("NUMPY".utf8) + [1, 0, 118, 0] + padded.utf8 + [UInt8](repeating: 0, count: 24)
        try Data(zeros).write(to: URL(fileURLWithPath: scratch.path + "/factors.npy"))
        let factorizer = try factorizer(scratch, Self.inFolder + "cp \(scratch.path)/factors.npy $folder/items.npy\n")

        let items = try factorizer.itemFactors(of: matrix, try configuration()) { _ in }

        #expect(items.rows == 3 && items.columns == 2)
        #expect(try FileManager.default.contentsOfDirectory(atPath: scratch.path + "/work") == ["precious"])
    }

    @Test func aLineIsToldWhileSparkStillRuns() throws {
        let scratch = try Scratch()
        // Goes on only when its line was told.
        let factorizer = try factorizer(
            scratch, "echo begun; while ! [ -e \(scratch.path)/told ]; do sleep 0.01; done; exit 3\n")

        _ = try? factorizer.itemFactors(of: matrix, try configuration()) { line in
            if line == "Spark: begun" {
                _ = FileManager.default.createFile(atPath: scratch.path + "/told", contents: nil)
            }
        }

        #expect(FileManager.default.fileExists(atPath: scratch.path + "/told"))
    }

    @Test func aSettingSparkCannotHaveIsRefused() throws {
        let scratch = try Scratch()
        let factorizer = try factorizer(scratch, "true\n")
        let matrix = matrix
        let configuration = try ALSConfiguration(dimension: 2, unobservedWeight: 0)
        #expect(throws: TrainingError.self) {
            try factorizer.itemFactors(of: matrix, configuration, report: { _ in })
        }
    }

    /// Real Spark, in a cluster of two processes on this machine (`REC_SPARK_SUBMIT`; Scripts/spark installs it).
    @Test(.enabled(if: ProcessInfo.processInfo.environment["REC_SPARK_SUBMIT"] != nil))
    func sparkFindsTheFactorsOfAPlantedShop() throws {
        let scratch = try Scratch()
        let submit = try #require(ProcessInfo.processInfo.environment["REC_SPARK_SUBMIT"])
        var builder = HistoryBuilder()
        for event in try PlantedShop().interactions() { builder.add(event) }
        let matrix = builder.build(ConfidenceModel()).matrix
        var configuration = try ALSConfiguration(dimension: 16, sweeps: 8)
        configuration.usesExposure = false
        let spark = SparkFactorizer(
            SparkSettings(
                submit: submit, master: "local-cluster[2,1,1024]", folder: scratch.path + "/work",
                properties: ["spark.executor.memory=1024m"]))
        var told: [String] = []

        let items = try spark.itemFactors(of: matrix, configuration) { told.append($0) }

        #expect(items.rows == matrix.columns && items.columns == 16 && items.isFinite)
        #expect(told.contains { $0.contains("local-cluster") }, "\(told)")
        #expect(try FileManager.default.contentsOfDirectory(atPath: scratch.path + "/work").isEmpty)
        // Observed pairs score far above others, as by our own trainer.
        let trainer = ALSTrainer(configuration)
        let ours = try trainer.fit(matrix).factors
        let theirs = try trainer.solvingUsers(of: matrix, items: items).factors
        func gap(_ factors: Factors) -> Float {
            var (seen, all) = (Float(0), Float(0))
            for user in 0..<matrix.rows {
                let own = Set(matrix.indices[matrix.range(of: user)])
                for item in 0..<matrix.columns {
                    let score = zip(factors.users[row: user], factors.items[row: item]).reduce(Float(0)) {
                        $0 + $1.0 * $1.1
                    }
                    if own.contains(Int32(item)) { seen += score }
                    all += score
                }
            }
            return seen / Float(matrix.entryCount) - all / Float(matrix.rows * matrix.columns)
        }
        #expect(gap(theirs) > 0.8 * gap(ours), "\(gap(theirs)) against \(gap(ours))")
    }
}
