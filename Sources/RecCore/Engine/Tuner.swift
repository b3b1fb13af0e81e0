// Settings of the factorisation, chosen by trying them on the validation windows.

/// How long ``TrainingPipeline`` may look for better settings, and how it is to tell the time.
public struct TuningBudget: Sendable {
    /// A setting that would take longer than what is left of it is not tried; the first always is.
    public let seconds: Double
    /// Seconds since any fixed moment.
    public let clock: @Sendable () -> Double
    /// Whether the number of factors is given and not to be changed.
    public let keepsDimension: Bool
    /// - Parameters:
    ///   - seconds: time to look for settings.
    ///   - keepsDimension: whether the number of factors stays.
    ///   - clock: seconds since any fixed moment.
    public init(seconds: Double, keepsDimension: Bool = false, clock: @escaping @Sendable () -> Double) {
        (self.seconds, self.clock, self.keepsDimension) = (seconds, clock, keepsDimension)
    }
}

/// One line of the table of a tuning run.
public struct TuningTrial: Sendable, Hashable {
    /// The setting that was tried.
    public let als: ALSConfiguration
    /// Its half-life of events; `nil` = they do not age.
    public let halfLifeDays: Double?
    /// Mean over validation users: MAP@12, or Recall@20 where the data have no times; of the whole blend, whose weights were
    /// fitted on the other half of the users.
    public let value: Double
    /// Mean of the difference to the best so far, user by user, and its standard error; 0 for the first.
    public let gain: Double
    /// Standard error of ``gain``; 0 for the first.
    public let error: Double
    /// Whether the search went on from it: it was better by more than one standard error, or the first.
    public let isKept: Bool
    /// How long it took.
    public let seconds: Double
}

/// Coordinate search over dimension, regularization, unobserved weight, decay and the two switches of the factorisation.
///
/// A setting is kept when it is better by one standard error of the difference, user by user.
struct Tuner {
    private let pipeline: TrainingPipeline
    private let parts: TrainingPipeline.Parts
    private let folds: [HistorySplit]
    private let unknowable: Set<Int32>
    private let budget: TuningBudget
    private let structures: [TrainingPipeline.Structures]
    private let isTimed: Bool

    /// Folds that each trial is judged on: as many as give this many users.
    static let enoughUsers = 600
    static let mostFolds = 9
    static let largestDimension = 256

    init(
        _ pipeline: TrainingPipeline, _ parts: TrainingPipeline.Parts, _ folds: [HistorySplit],
        unknowable: Set<Int32>, budget: TuningBudget
    ) {
        (self.pipeline, self.parts, self.unknowable, self.budget) = (pipeline, parts, unknowable, budget)
        isTimed = folds.contains { $0.cut != nil }
        var kept: [HistorySplit] = []
        var structures: [TrainingPipeline.Structures] = []
        var users = 0
        for fold in folds.prefix(Self.mostFolds) where users < Self.enoughUsers {
            let history = parts.builder.build(only: fold.isTraining)
            kept.append(fold)
            structures.append(TrainingPipeline.Structures(parts, history))
            // Strangers have no say in the factorisation.
            users += fold.test.keys.count { !history.matrix.range(of: $0).isEmpty }
        }
        (self.folds, self.structures) = (kept, structures)
    }

    private struct Candidate {
        var configuration: ModelConfiguration
        var values: [Double] = []
    }

    private typealias Move = (ModelConfiguration) -> ModelConfiguration?

    /// - Returns: the settings found, and the trials in the order they were made.
    func run(
        _ start: ModelConfiguration, report: (TrainingStep) -> Void
    ) throws(TrainingError) -> (configuration: ModelConfiguration, trials: [TuningTrial]) {
        let began = budget.clock()
        var trials: [TuningTrial] = []
        var best = Candidate(configuration: start)
        var secondsByDimension: [Int: Double] = [:]
        /// - Returns: whether the setting was kept; `nil` when there is no time for it.
        func attempt(_ configuration: ModelConfiguration) throws(TrainingError) -> Bool? {
            let d = configuration.als.dimension
            let left = budget.seconds - (budget.clock() - began)
            let guess = secondsByDimension[d] ?? (secondsByDimension[d / 2] ?? 0) * 2.5
            guard trials.isEmpty || left > guess else { return nil }
            let from = budget.clock()
            let values = try values(configuration)
            let seconds = budget.clock() - from
            secondsByDimension[d] = max(seconds, secondsByDimension[d] ?? 0)
            let (gain, error) = Self.difference(values, best.values)
            let isKept = trials.isEmpty || (gain > 0 && gain > error)
            if isKept { best = Candidate(configuration: configuration, values: values) }
            let trial = TuningTrial(
                als: configuration.als, halfLifeDays: configuration.confidence.halfLifeDays,
                value: values.reduce(0, +) / Double(max(1, values.count)), gain: gain, error: error, isKept: isKept,
                seconds: seconds)
            trials.append(trial)
            report(.tuned(trial))
            return isKept
        }
        guard try attempt(start) != nil, !best.values.isEmpty else { return (start, trials) }
        var tried: Set<ModelConfiguration> = [start]
        var isBetter = true
        while isBetter {
            isBetter = false
            for pair in moves {
                for move in pair {
                    // On in one direction as long as it pays.
                    var goesOn = true
                    while goesOn, let next = move(best.configuration), tried.insert(next).inserted {
                        guard let isKept = try attempt(next) else { return (best.configuration, trials) }
                        goesOn = isKept
                        isBetter = isBetter || isKept
                    }
                }
            }
        }
        return (best.configuration, trials)
    }

    /// What is tried, each with its opposite, most telling first.
    private var moves: [[Move]] {
        func scaled(_ path: WritableKeyPath<ALSConfiguration, Double>, _ factor: Double, _ range: ClosedRange<Double>)
            -> Move
        {
            { configuration in
                var next = configuration
                next.als[keyPath: path] *= factor
                return range.contains(next.als[keyPath: path]) ? next : nil
            }
        }
        func switched(_ path: WritableKeyPath<ALSConfiguration, Bool>) -> Move {
            { configuration in
                var next = configuration
                next.als[keyPath: path].toggle()
                return next
            }
        }
        func sized(_ size: @escaping (Int) -> Int) -> Move {
            { configuration in
                var next = configuration
                next.als.dimension = size(configuration.als.dimension)
                return (16...Self.largestDimension).contains(next.als.dimension) ? next : nil
            }
        }
        func aged(_ days: Double?) -> Move {
            { configuration in
                var next = configuration
                next.confidence.halfLifeDays = days
                return next
            }
        }
        var moves: [[Move]] = budget.keepsDimension ? [] : [[sized { $0 * 2 }, sized { $0 / 2 }]]
        moves += [
            [scaled(\.regularization, 4, 1e-4...1e4), scaled(\.regularization, 0.25, 1e-4...1e4)],
            [scaled(\.unobservedWeight, 4, 1e-4...10), scaled(\.unobservedWeight, 0.25, 1e-4...10)],
            [switched(\.usesAttributes)], [switched(\.usesExposure)],
        ]
        if isTimed { moves.append([aged(90), aged(30), aged(365), aged(nil)]) }
        return moves
    }

    /// The figure of each validation user under a setting; weights that are not given are fitted on one half of the users and
    /// judged on the other.
    private func values(_ configuration: ModelConfiguration) throws(TrainingError) -> [Double] {
        var examples: [ListwiseFitter.Example] = []
        for (number, fold) in folds.enumerated() {
            let history = parts.builder.build(configuration.confidence, only: fold.isTraining)
            let snapshot = try pipeline.fit(
                parts, history, configuration, metrics: [:], structures: structures[number]
            ) { _ in }
            examples +=
                pipeline.examples(
                    fold, snapshot, repeats: configuration.repeats, without: unknowable, seed: UInt64(number)
                ).known
        }
        if let weights = pipeline.options.weights {
            return examples.map { isTimed ? $0.averagePrecision(weights) : $0.recall(weights, at: 20) }
        }
        let halves = [0, 1].map { half in examples.indices.filter { $0 % 2 == half }.map { examples[$0] } }
        var values: [Double] = []
        for (own, other) in [(halves[0], halves[1]), (halves[1], halves[0])] {
            guard let (weights, _) = isTimed ? ListwiseFitter.fit(other) : ListwiseFitter.fitWithoutTimes(other)
            else { continue }
            values += own.map {
                isTimed ? $0.averagePrecision(weights) : $0.recall(weights, at: 20)
            }
        }
        return values
    }

    /// Mean and standard error of the differences.
    private static func difference(_ values: [Double], _ others: [Double]) -> (gain: Double, error: Double) {
        guard values.count == others.count, values.count > 1 else { return (0, 0) }
        let differences = zip(values, others).map { $0 - $1 }
        let count = Double(differences.count)
        let mean = differences.reduce(0, +) / count
        let square = differences.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / (count - 1)
        return (mean, (square / count).squareRoot())
    }
}
