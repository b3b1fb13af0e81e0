// Which program finds the factors: ours, or Spark.
import ArgumentParser
import RecCore
import RecFiles

struct EngineOptions: ParsableArguments {
    enum Engine: String, ExpressibleByArgument, CaseIterable { case own, spark }

    @Option(
        help:
            "What finds the factors of items: own, or spark (MLlib's implicit ALS through spark-submit); all else is fitted here after it."
    )
    var engine = Engine.own
    @Option(help: "The spark-submit to run.") var sparkSubmit = "spark-submit"
    @Option(help: "Spark's master: local[*], local-cluster[N,CORES,MIB], spark://HOST:PORT, yarn.")
    var sparkMaster = "local[*]"
    @Option(
        help: "Folder for what Spark reads and writes, which all its machines see. (default: spark in the data folder)")
    var sparkFolder: String?
    @Option(help: "Spark's regParam; by default as much regularization in all as --regularization gives here.")
    var sparkRegularization: Double?
    @Option(help: "A property of Spark, NAME=VALUE; may be repeated.") var sparkConf: [String] = []

    func validate() throws {
        guard sparkRegularization.map({ $0 >= 0 && $0.isFinite }) ?? true else {
            throw ValidationError("--spark-regularization must be a number from 0 up")
        }
        for property in sparkConf where !property.contains("=") {
            throw ValidationError("--spark-conf \(property) is not NAME=VALUE")
        }
    }

    /// What takes the place of our own trainer, if anything.
    /// - Parameter data: the data folder.
    func factorizer(data: String) -> (any ItemFactorizer)? {
        guard engine == .spark else { return nil }
        return SparkFactorizer(
            SparkSettings(
                submit: sparkSubmit, master: sparkMaster, folder: sparkFolder ?? data + "/spark",
                regularization: sparkRegularization, properties: sparkConf))
    }
}
