// Factors of items by Spark MLlib's implicit ALS, through spark-submit.
import Foundation
import RecCore

/// How Spark is asked.
public struct SparkSettings: Sendable, Hashable {
    /// The program: a path, or a name that is looked for in `PATH`.
    public var submit: String
    /// `local[*]`, `local-cluster[N,CORES,MIB]`, `spark://HOST:PORT`, `yarn`, …
    public var master: String
    /// A folder that the driver and every executor see under this path; each run makes one of its own in it.
    public var folder: String
    /// Spark's `regParam`, which it multiplies by the number of a row's pairs; `nil` = so that all rows together are drawn to
    /// zero as much as by `ALSTrainer`.
    public var regularization: Double?
    /// Further `--conf` of spark-submit: `name=value`.
    public var properties: [String]

    /// Spark on this machine, unless something else is named.
    public init(
        submit: String = "spark-submit", master: String = "local[*]", folder: String, regularization: Double? = nil,
        properties: [String] = []
    ) {
        (self.submit, self.master, self.folder) = (submit, master, folder)
        (self.regularization, self.properties) = (regularization, properties)
    }
}

/// Trains the factors of items on Apache Spark (Hu, Koren, Volinsky: Collaborative Filtering for Implicit Feedback Datasets, ICDM
/// 2008, as MLlib's `ALS` with `implicitPrefs`).
///
/// Spark minimises, over all pairs, `(1 + alpha c) (1 - x'y)^2` where c > 0 and `(x'y)^2` elsewhere, and draws each row to zero by
/// `regParam` times the number of its pairs. Divided by `alpha = 1 / a0` that is the objective of `ALSTrainer` but for the
/// target of an observed pair, a0 larger, and the scaling of the regularization.
///
/// The pairs are written as numbers into a folder `run-...` in the one that was named, Spark writes `items.npy` beside them, and that
/// folder is removed when the factors have been read. When something fails, Spark's log and what it was told stay there.
public struct SparkFactorizer: ItemFactorizer {
    /// How Spark is asked.
    public let settings: SparkSettings
    public var name: String { "spark" }
    public var fingerprint: String { "spark \(settings.regularization ?? -1)" }

    /// The program that Spark runs.
    static let script = PackageResources.spark_als_py

    /// Starts nothing: each call of ``itemFactors(of:_:report:)`` is a run of Spark.
    public init(_ settings: SparkSettings) { self.settings = settings }

    /// What the program of Spark is told.
    private struct Task: Codable {
        let folder: String
        let items: Int
        let dimension: Int
        let sweeps: Int
        let alpha: Double
        let regularization: Double
        let seed: UInt64
        let parent: Int32
    }

    /// Spark's `regParam` for the settings of ``ALSTrainer``.
    static func regularization(_ als: ALSConfiguration, _ matrix: InteractionMatrix) -> Double {
        let rows = Double(matrix.rows + matrix.columns)
        return als.regularization * rows / (2 * als.unobservedWeight * Double(max(1, matrix.entryCount)))
    }

    public func itemFactors(
        of matrix: InteractionMatrix, _ configuration: ALSConfiguration, report: (String) -> Void
    ) throws(TrainingError) -> DenseMatrix {
        guard configuration.unobservedWeight > 0 else {
            throw .configuration("Spark needs an unobserved weight above 0: its alpha is 1 / weight")
        }
        guard matrix.entryCount > 0 else {
            throw .data("no interactions with a weight above zero: nothing to learn from")
        }
        let task = Task(
            folder: absolute(settings.folder) + "/run-" + UUID().uuidString.lowercased(), items: matrix.columns,
            dimension: configuration.dimension,
            sweeps: configuration.sweeps, alpha: 1 / configuration.unobservedWeight,
            regularization: settings.regularization ?? Self.regularization(configuration, matrix),
            seed: configuration.seed & UInt64(Int64.max), parent: getpid())
        let pairs = task.folder + "/pairs"
        do {
            try FileManager.default.createDirectory(atPath: pairs, withIntermediateDirectories: true)
            let start = ContinuousClock.now
            let parts = try SparkExport(folder: pairs).write(matrix)
            report(
                "\(matrix.entryCount) pairs of numbers were written for Spark, \(parts) files, in \(seconds(start)) s")
            try Data(Self.script).write(to: URL(fileURLWithPath: task.folder + "/spark_als.py"))
            try JSONEncoder().encode(task).write(to: URL(fileURLWithPath: task.folder + "/settings.json"))
        } catch { throw .factorizer("\(error)") }
        let output = task.folder + "/items.npy"
        do throws(TrainingError) {
            try SparkRun(settings: settings, folder: task.folder).run { report("Spark: " + $0) }
        } catch {
            // Gigabytes that nobody reads again.
            for name in ["/pairs", "/checkpoints"] { try? FileManager.default.removeItem(atPath: task.folder + name) }
            throw error
        }
        let factors = try DenseMatrix(numpyFile: output, rows: task.items, columns: task.dimension)
        // The factors are mapped: they stay when their file loses its name.
        try? FileManager.default.removeItem(atPath: task.folder)
        return factors
    }

    private func absolute(_ path: String) -> String {
        URL(fileURLWithPath: path).standardizedFileURL.path
    }

    private func seconds(_ start: ContinuousClock.Instant) -> String {
        String(format: "%.1f", (ContinuousClock.now - start) / .seconds(1))
    }
}
