// The settings of the factorisation.
import ArgumentParser
import RecCore

struct FactorOptions: ParsableArguments {
    @Option(help: "Factors; by default 64, or what --tune finds.") var dimension: Int?
    @Option(help: "Weight of a pair that was not observed.") var unobservedWeight = 0.0256
    @Option(help: "Regularization of a row, times its weight to the power of the frequency scaling.")
    var regularization = 0.5
    @Option(help: "0: the same regularization for every row; 1: in proportion to its weight.")
    var frequencyScaling = 0.0
    @Flag(inversion: .prefixedNo, help: "Whether factors are drawn to what attributes say.") var attributes = false
    @Flag(inversion: .prefixedNo, help: "Whether an item's unobserved weight grows with the time it was there.")
    var exposure = true
    @Option(help: "Passes over both sides, at most.") var sweeps = 16
    @Option(
        help: "How rows are solved: exact, or gradients (conjugate, three steps); by default by the size of the data.")
    var solver: Solver?
    @Option(help: "Seed of the first factors.") var seed: UInt64 = 1

    enum Solver: String, ExpressibleByArgument, CaseIterable { case exact, gradients }

    func configuration() throws -> ALSConfiguration {
        var als = try ALSConfiguration(
            dimension: dimension ?? 64, unobservedWeight: unobservedWeight, regularization: regularization,
            frequencyScaling: frequencyScaling, sweeps: sweeps, seed: seed)
        (als.usesAttributes, als.usesExposure) = (attributes, exposure)
        als.solver = solver.map { $0 == .exact ? .exact : .conjugateGradient(steps: 3) }
        return als
    }
}
