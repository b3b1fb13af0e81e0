// From interactions to a model: the order of the steps.
import Synchronization

/// What training is to do. Everything left at its default is chosen on a validation cut inside the training data.
public struct TrainingOptions: Sendable {
    /// Of the factorisation: dimension, weights, sweeps.
    public var als: ALSConfiguration
    /// How much an event says, by kind and age.
    public var confidence: ConfidenceModel
    /// Neighbours kept of each item.
    public var neighbours: Int
    /// Whether past items may be recommended again; `nil` = as the validation cut shows.
    public var repeats: Bool?
    /// `nil` = fitted on the validation cuts.
    public var weights: SignalWeights?
    /// `nil` = fitted on the validation cuts.
    public var strangers: StrangerWeights?
    /// Whether places are kept for items without events; `nil` = as the validation cut shows, or not where nothing is validated.
    public var newItemPlaces: Bool?
    /// Time to look for better settings of the factorisation than the given ones; `nil` = none.
    public var tuning: TuningBudget?
    /// Finds the factors of items in the place of ``ALSTrainer``; then there are no sweeps to stop early, to tune or to keep, and
    /// ``ALSConfiguration/usesAttributes`` does nothing.
    public var factorizer: (any ItemFactorizer)?
    /// Whether the factorisation ends when MAP@12 of the last window has stopped to rise; ``ALSConfiguration/sweeps`` is then
    /// the most.
    public var stopsEarly = true
    /// Whether the objective is told after each sweep, which costs a pass over all entries.
    public var tellsLoss = false
    /// Where the run keeps what it need not do again when it is killed; `nil` = nowhere.
    public var checkpoint: TrainingCheckpoint?
    /// For tests: sweeps of small matrices are kept too.
    var checkpointsAll = false
    /// Figures to keep with the model, beside those of its own validation.
    public var metrics: [String: Double] = [:]
    /// How models of these settings did on reserved days, to keep with the model.
    public var judgement: ModelJudgement?
    /// Days of each validation window.
    public var validationDays: Double
    /// Validation windows, one behind the other in time: so many, and up to three times as many where they hold fewer than
    /// ``enoughExamples`` users.
    public var validationFolds: Int
    /// Validation users that make weights firm.
    public static let enoughExamples = 1500
    /// Users of each window that the weights are fitted on, at most.
    public var validationUsers: Int
    /// Share of MAP@12 on validation that the stochastic policy may cost; `nil` = none is calibrated.
    public var explorationLoss: Double? = 0.03
    /// The stochastic policy, where it is known already; `nil` = it is calibrated.
    public var exploration: ExplorationSettings?

    /// The defaults choose weights and repeats on validation windows of seven days.
    public init(
        als: ALSConfiguration = .standard, confidence: ConfidenceModel = ConfidenceModel(), neighbours: Int = 200,
        repeats: Bool? = nil, weights: SignalWeights? = nil, strangers: StrangerWeights? = nil,
        validationDays: Double = 7, validationFolds: Int = 3, validationUsers: Int = 3000
    ) {
        (self.als, self.confidence, self.neighbours) = (als, confidence, neighbours)
        (self.repeats, self.weights, self.strangers) = (repeats, weights, strangers)
        (self.validationDays, self.validationFolds) = (validationDays, validationFolds)
        self.validationUsers = validationUsers
    }
}

/// A step of training, for progress.
public enum TrainingStep: Sendable, Hashable {
    /// Events become a sparse matrix.
    case building
    /// Something need not be done again.
    case resumed(String)
    /// The state of the run could not be written, and why.
    case notKept(String)
    /// Sweeps begin.
    case factorising
    /// A window of the past, counted from the last.
    case validating(Int)
    /// A pass over both sides, and the objective after it where it was asked for.
    case sweep(Int, of: Int, loss: ALSLoss?)
    /// What an ``ItemFactorizer`` does.
    case elsewhere(String)
    /// A setting was tried.
    case tuned(TuningTrial)
    /// Items that the same users took.
    case neighbours
    /// Attributes to features.
    case content
    /// Features to factors of items without events.
    case prior
    /// Weights of the signals are fitted on this many validation users.
    case fittingBlend(users: Int)
    /// So few validation users took anything that the weights stay the standard ones.
    case tooFewUsers(Int)
    /// The model is made.
    case done
    /// Lists for the users of a reserved window were made, the model's and those of the baselines.
    case judging(Int, of: Int)
}

/// Trains a ``ModelSnapshot``. Synchronous and heavy: call it from a thread of its own.
public struct TrainingPipeline: Sendable {
    /// What it does.
    public let options: TrainingOptions
    /// A pipeline keeps no state between runs.
    public init(_ options: TrainingOptions) { self.options = options }

    /// - Parameters:
    ///   - builder: all events, catalogue items without events, and users without events.
    ///   - attributes: of each item, by id.
    ///   - profiles: by the user rows of the builder.
    ///   - marks: which events to learn from; `nil` = all.
    ///   - version: the name of the model.
    ///   - created: the moment of training.
    ///   - report: told of each step.
    /// - Throws: ``TrainingError``.
    public func train(
        _ builder: HistoryBuilder, attributes: [ItemID: [String: String]], profiles: ProfileTable = ProfileTable(),
        marks: [Bool]? = nil, version: ModelVersion, created: Timestamp, report: (TrainingStep) -> Void = { _ in }
    ) throws(TrainingError) -> ModelSnapshot {
        var builder = builder
        builder.kindWeights = options.confidence.kindWeights
        var configuration = ModelConfiguration(
            als: options.als, confidence: options.confidence.scaled(to: builder.kinds),
            weights: options.weights ?? .standard, strangers: options.strangers ?? .standard,
            neighbours: options.neighbours, repeats: options.repeats ?? true)
        configuration.newItemPlaces = options.newItemPlaces ?? false
        configuration.exploration = options.exploration
        if let factorizer = options.factorizer {
            configuration.factorizer = factorizer.name
            configuration.als.usesAttributes = false
        }
        var metrics = options.metrics
        report(.content)
        let parts = Parts(
            neighbours: options.neighbours, builder: builder,
            features: ItemFeatures.build(builder.itemIDs.map { attributes[$0] ?? [:] }),
            profiles: profiles, version: version, created: created)
        let digest = options.checkpoint == nil ? "" : digest(parts, marks)
        if let (chosen, figures) = options.checkpoint?.chosen(digest: digest) {
            (configuration, metrics) = (chosen, figures)
            configuration.als.solver = options.als.solver
            report(.resumed("the settings that were chosen"))
        } else if options.weights == nil || options.strangers == nil || options.repeats == nil {
            let (folds, unknowable) = folds(parts, marks)
            // Of the first window; the confidences do not matter for what a past holds.
            var firstHistory: InteractionHistory?
            if let first = folds.first, options.repeats == nil {
                report(.building)
                let history = builder.build(configuration.confidence, only: first.isTraining)
                configuration.repeats = Self.repeats(first, history)
                if options.tuning == nil { firstHistory = history }
            }
            if let budget = options.tuning, options.factorizer == nil, !folds.isEmpty {
                let tuner = Tuner(self, parts, folds, unknowable: unknowable, budget: budget)
                let (found, trials) = try tuner.run(configuration, report: report)
                configuration = found
                metrics["tuning trials"] = Double(trials.count)
                metrics["tuning value"] = trials.last { $0.isKept }?.value
            }
            var known: [ListwiseFitter.Example] = []
            var unknown: [BlendFitter.Example] = []
            var headShare = Float.infinity
            for (number, fold) in folds.enumerated() {
                let isExtra = number >= options.validationFolds && fold.cut != nil
                if isExtra, known.count + unknown.count >= TrainingOptions.enoughExamples { continue }
                report(.validating(number + 1))
                // The first window says when to stop, for all that follow.
                if firstHistory == nil { report(.building) }
                let history = firstHistory ?? builder.build(configuration.confidence, only: fold.isTraining)
                firstHistory = nil
                let stop =
                    number == 0 && options.stopsEarly
                    ? EarlyStop(fold, history, withPast: configuration.repeats) : nil
                returnFreeMemory()
                let snapshot = try fit(
                    parts, history, configuration, metrics: [:], isGoodEnough: { stop?.isOver($0, $1) ?? false },
                    report)
                if let stop, stop.bestSweep > 0 {
                    configuration.als.sweeps = min(configuration.als.sweeps, max(EarlyStop.leastSweeps, stop.bestSweep))
                }
                let (own, strangers) = examples(
                    fold, snapshot, repeats: configuration.repeats, without: unknowable, seed: UInt64(number))
                known += own
                unknown += strangers
                if number == 0 { headShare = snapshot.scorer.headLogShare(Self.head) }
                if number == 0, fold.cut != nil, options.newItemPlaces == nil {
                    // Only where much of the catalogue is unsold is there something to discover.
                    configuration.newItemPlaces =
                        snapshot.scorer.newShare >= Self.manyNew.lowerBound
                        && Self.newItemsSell(fold, snapshot.history)
                }
            }
            report(.fittingBlend(users: known.count + unknown.count))
            let isTimed = folds.contains { $0.cut != nil }
            // Fewer say more of themselves than of the others.
            let telling = known.count { $0.relevantCount > 0 }
            if options.weights == nil, telling < HistoryBuilder.enoughUsers { report(.tooFewUsers(telling)) }
            if options.weights == nil, telling >= HistoryBuilder.enoughUsers,
                let (weights, map) = isTimed ? ListwiseFitter.fit(known) : ListwiseFitter.fitWithoutTimes(known)
            {
                configuration.weights = weights
                metrics["validation MAP@12"] = map
                metrics["validation users"] = Double(known.count)
            }
            if options.strangers == nil, unknown.count >= HistoryBuilder.enoughUsers {
                let (weights, map) = BlendFitter(unknown).fit(from: configuration.strangers.values)
                configuration.strangers = StrangerWeights(weights)
                metrics["validation MAP@12 of strangers"] = map
                metrics["validation strangers"] = Double(unknown.count)
            }
            if let loss = options.explorationLoss, options.exploration == nil {
                configuration.exploration = exploration(
                    loss, known.compactMap { $0.forPolicies(configuration.weights) },
                    unknown.compactMap { $0.forPolicies(configuration.strangers) }, headShare: headShare, &metrics)
            }
        }
        if let problem = options.checkpoint?.keep(configuration, metrics, digest: digest) {
            report(.notKept(problem))
        }
        returnFreeMemory()
        report(.building)
        var snapshot = try fit(
            parts, builder.build(configuration.confidence, only: marks), configuration, metrics: metrics,
            checkpoint: options.checkpoint, report)
        snapshot.judgement = options.judgement
        report(.done)
        return snapshot
    }

    /// The stochastic policy that costs at most `loss` of MAP@12 on validation: two thirds of it for the discovery dial, the rest for
    /// chance, as the dial is what finds relevant items outside the head and chance is what makes a log worth judging by
    /// (Docs/Decisions/0014). The reserved place is not in it: what it brings no list of the past can show.
    private func exploration(
        _ loss: Double, _ known: [PolicyCalibration.Example], _ strangers: [PolicyCalibration.Example],
        headShare: Float, _ metrics: inout [String: Double]
    ) -> ExplorationSettings {
        var settings = ExplorationSettings.standard
        settings.loss = loss
        func calibrate(_ examples: [PolicyCalibration.Example]) -> (temper: Double, temperature: Double)? {
            guard examples.count >= HistoryBuilder.enoughUsers else { return nil }
            let calibration = PolicyCalibration(examples: examples, seed: options.als.seed)
            let greedy = calibration.map12(.greedy)
            guard greedy > 0 else { return nil }
            let temper =
                calibration.largest(in: 0.01...1, floor: greedy * (1 - loss * 2 / 3)) {
                    ComposedPolicy(.greedy, temper: $0)
                } ?? 0
            let temperature = calibration.largest(in: 0.005...2, floor: greedy * (1 - loss)) {
                ComposedPolicy(.plackettLuce(temperature: $0), temper: temper)
            }
            // Downwards, to numbers that a person can read and write.
            func plain(_ strength: Double) -> Double { (strength * 1000).rounded(.down) / 1000 }
            return (plain(temper), plain(temperature ?? 0.005))
        }
        if let found = calibrate(known) {
            (settings.temper, settings.temperature) = found
            settings.strangerTemperature = min(settings.strangerTemperature, found.temperature)
            metrics["exploration temper"] = found.temper
            metrics["exploration temperature"] = found.temperature
            settings.frontier = PolicyCalibration(examples: known, seed: options.als.seed)
                .frontier(around: settings, headShare: headShare)
        }
        if let found = calibrate(strangers) { settings.strangerTemperature = found.temperature }
        return settings
    }

    /// What every fit of a run shares.
    struct Parts {
        let neighbours: Int
        let builder: HistoryBuilder
        let features: ItemFeatures
        let profiles: ProfileTable
        let version: ModelVersion
        let created: Timestamp
    }

    /// Events above which one validation window must do.
    static let manyEvents = 3_000_000

    /// Share of the items, the most taken first, that is the head; as in ``PolicyEvaluation``.
    static let head = 0.05

    /// Share of items without events that is a launch and not the usual trickle, nor a graveyard.
    static let manyNew = 0.1...0.5

    /// Windows at the end of the data. Where too few of their events are of items that were new then, and the catalogue has
    /// items without events, a share of the items is hidden in a split of its own. What the items without events are worth is
    /// then learned on the hidden ones, and they are no examples themselves: nobody could have taken them yet.
    private func folds(_ parts: Parts, _ marks: [Bool]?) -> (folds: [HistorySplit], unknowable: Set<Int32>) {
        let builder = parts.builder
        let count = builder.eventCount > Self.manyEvents ? 1 : options.validationFolds * 3
        var folds = builder.validationFolds(
            days: options.validationDays, count: count, within: marks, seed: options.als.seed
        ).filter { !$0.test.isEmpty && $0.isTraining.contains(true) }
        guard let first = folds.first else { return ([], []) }
        let events = builder.itemEvents(only: marks)
        let described = events.indices.filter { !parts.features.matrix.range(of: $0).isEmpty }
        let sold = described.filter { events[$0] > 0 }
        let share = Double(described.count - sold.count) / Double(max(1, described.count))
        guard Self.manyNew.contains(share), sold.count >= 50 else { return (folds, []) }
        let before = builder.itemEvents(only: first.isTraining)
        let newPairs = first.test.values.reduce(0) { $0 + $1.count { before[Int($0)] == 0 } }
        guard newPairs < 50 else { return (folds, []) }
        let hidden = builder.hidingSplit(min(0.2, share), of: sold, within: marks, seed: options.als.seed)
        if first.cut == nil { folds = [hidden] } else { folds.append(hidden) }
        return (folds, Set(events.indices.filter { events[$0] == 0 }.map(Int32.init)))
    }

    /// Of all that the choices of the validation follow from.
    private func digest(_ parts: Parts, _ marks: [Bool]?) -> String {
        let kinds = options.confidence.kindWeights.map { "\($0.key) \($0.value)" }.sorted()
        return ColumnDigest(
            kinds + [
                "\(options.als) \(options.confidence.halfLifeDays as Double?) \(options.neighbours)",
                "\(options.repeats as Bool?) \(options.newItemPlaces as Bool?)",
                "\(options.weights?.base ?? []) \(options.strangers?.values ?? [])",
                "\(options.tuning?.seconds ?? 0) \(options.stopsEarly) \(options.factorizer?.fingerprint ?? "")",
                "\(options.validationDays) \(options.validationFolds) \(options.validationUsers)",
                "\(options.explorationLoss ?? -1) \(options.exploration as ExplorationSettings?)",
            ],
            parts.builder.digestedEvents + parts.profiles.digests + parts.features.digests
                + [.init(Column((marks ?? []).map { $0 ? UInt8(1) : 0 }))]
        ).text
    }

    /// True when at least one in fifty of the held-out pairs of known users was in their past.
    private static func repeats(_ split: HistorySplit, _ history: InteractionHistory) -> Bool {
        guard split.cut != nil else { return false }
        var pairs = 0
        var known = 0
        for (user, items) in split.test {
            let past = Set(history.past(of: user).map(\.item))
            guard !past.isEmpty else { continue }
            pairs += items.count
            known += items.intersection(past).count
        }
        return known * 50 >= pairs && known > 0
    }

    /// True when at least three in a thousand of the held-out pairs are of items that were new then.
    private static func newItemsSell(_ split: HistorySplit, _ history: InteractionHistory) -> Bool {
        var pairs = 0
        var new = 0
        for items in split.test.values {
            pairs += items.count
            new += items.count { history.itemEvents[Int($0)] == 0 }
        }
        return new * 1000 >= pairs * 3 && new > 0
    }

    /// Examples of users with a past, and of users without.
    func examples(
        _ split: HistorySplit, _ snapshot: ModelSnapshot, repeats: Bool, without unknowable: Set<Int32>, seed: UInt64
    ) -> (known: [ListwiseFitter.Example], strangers: [BlendFitter.Example]) {
        var generator = SplitMix64(seed: options.als.seed &+ seed)
        func chosen(_ users: [Int]) -> [Int] {
            Array(users.sorted().shuffled(using: &generator).prefix(options.validationUsers).sorted())
        }
        let known = chosen(split.test.keys.filter { !snapshot.history.matrix.range(of: $0).isEmpty })
        let strangers = chosen(split.test.keys.filter { snapshot.history.matrix.range(of: $0).isEmpty })
        let examples = Mutex([ListwiseFitter.Example?](repeating: nil, count: known.count))
        forEachRange(known.count, grain: 16) { range in
            for place in range {
                let evidence = snapshot.evidence(ofRow: known[place])
                // Where nothing is taken twice, past items among the held-out ones cannot be hit by anyone.
                let past = repeats ? [] : Set(evidence.past.map(\.item))
                let candidates = snapshot.scorer.candidates(
                    for: evidence, count: 60, withPast: repeats,
                    isEligible: { !unknowable.contains(Int32($0)) })
                var example = ListwiseFitter.Example(
                    candidates, relevant: (split.test[known[place]] ?? []).subtracting(past),
                    pastItems: evidence.past.count)
                example.logShares = candidates.items.map { snapshot.scorer.logShare(Int($0)) }
                examples.withLock { [example] in $0[place] = example }
            }
            // Factors that were put aside come into memory by much more than the rows that are read.
            snapshot.factors.users.elements.giveBack()
        }
        let lists = strangers.map { user -> BlendFitter.Example in
            let (items, values) = snapshot.scorer.strangerCandidates(
                segments: snapshot.evidence(ofRow: user).segments, count: 50, isEligible: { _ in true })
            var example = BlendFitter.Example(items: items, values: values, relevant: split.test[user] ?? [])
            example.logShares = items.map { snapshot.scorer.logShare(Int($0)) }
            return example
        }
        return (examples.withLock { $0.compactMap { $0 } }, lists)
    }
}
