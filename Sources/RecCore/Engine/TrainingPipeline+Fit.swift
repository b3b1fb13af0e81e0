// One fit: factors, neighbours, and the snapshot made of them.

extension TrainingPipeline {
    /// What a fit needs besides factors: the same for every factorisation of one history.
    struct Structures {
        let neighbours: ItemNeighbours
        let regression: ItemRegression
        let sequences: ItemSequences
        let content: ContentNeighbours
        let segments: SegmentLifts
        let userSegments: InteractionMatrix

        init(_ parts: Parts, _ history: InteractionHistory, _ people: People) {
            // What needs most room while it is made comes first, what needs most room for good comes last.
            sequences = ItemSequences.build(history)
            regression = ItemRegression.build(history)
            content = ContentNeighbours.build(parts.features, hasEvents: history.itemEvents.map { $0 > 0 })
            (segments, userSegments) = (people.segments, people.userSegments)
            returnFreeMemory()
            neighbours = ItemNeighbours.build(history, count: parts.neighbours)
        }

        init(_ parts: Parts, _ history: InteractionHistory) { self.init(parts, history, People(parts, history)) }
    }

    /// The kinds of people, and who is of which.
    struct People {
        let segments: SegmentLifts
        let userSegments: InteractionMatrix
        init(_ parts: Parts, _ history: InteractionHistory) {
            segments = SegmentLifts.build(parts.profiles, history)
            userSegments = TrainingPipeline.userSegments(parts.profiles, segments, users: history.users.count)
        }
    }

    /// - Parameters:
    ///   - structures: of an earlier fit to the same events; `nil` = made anew, when the factors are done.
    ///   - isGoodEnough: told the factors after each sweep; true ends the factorisation.
    func fit(
        _ parts: Parts, _ history: InteractionHistory, _ configuration: ModelConfiguration,
        metrics: [String: Double], structures: Structures? = nil,
        isGoodEnough: (Int, Factors) -> Bool = { _, _ in false }, checkpoint: TrainingCheckpoint? = nil,
        _ report: (TrainingStep) -> Void
    ) throws(TrainingError) -> ModelSnapshot {
        let features = parts.features
        let people = structures == nil ? People(parts, history) : nil
        var side = ALSSideInformation.none
        if configuration.als.usesAttributes {
            side = ALSSideInformation(
                itemFeatures: features.matrix, userFeatures: structures?.userSegments ?? people?.userSegments)
        }
        if configuration.als.usesExposure { side.exposure = history.itemExposure }
        report(.factorising)
        var result = try factorise(history, side, configuration, checkpoint, isGoodEnough, report)
        guard result.factors.users.isFinite, result.factors.items.isFinite,
            result.userPrior?.matrix.isFinite ?? true
        else { throw .numerical("factors are not finite") }
        if structures == nil {
            // Nobody reads the factors of users until the model is whole: on big data they make room for the neighbours.
            if isLarge(history.matrix), let users = options.checkpoint?.aside(result.factors.users) {
                result.factors = Factors(users: users, items: result.factors.items)
            }
            report(.neighbours)
            returnFreeMemory()
        }
        let structures = structures ?? people.map { Structures(parts, history, $0) } ?? Structures(parts, history)
        var factors = result.factors
        report(.prior)
        let projection = ContentProjection.fit(
            features.matrix, factors: factors.items, weights: Array(history.itemEvents), start: result.itemPrior)
        var cold: [Int: [Float]] = [:]
        for item in 0..<history.items.count where history.itemEvents[item] == 0 {
            if let prior = projection.factors(of: item, features) { cold[item] = prior }
        }
        if !cold.isEmpty {
            factors = Factors(users: factors.users, items: factors.items.replacing(cold))
        }
        guard factors.items.isFinite, projection.matrix.isFinite, structures.segments.matrix.isFinite else {
            throw .numerical("factors are not finite")
        }
        let none = DenseMatrix(
            rows: structures.segments.names.count, columns: configuration.als.dimension,
            Array(repeating: 0, count: structures.segments.names.count * configuration.als.dimension))
        return try ModelSnapshot(
            version: parts.version, created: parts.created, configuration: configuration, history: history,
            factors: factors, neighbours: structures.neighbours, regression: structures.regression,
            sequences: structures.sequences, contentNeighbours: structures.content, segments: structures.segments,
            userSegments: structures.userSegments, features: features, projection: projection,
            userPrior: result.userPrior ?? ContentProjection(matrix: none), metrics: metrics)
    }

    private func factorise(
        _ history: InteractionHistory, _ side: ALSSideInformation, _ configuration: ModelConfiguration,
        _ checkpoint: TrainingCheckpoint?, _ isGoodEnough: (Int, Factors) -> Bool, _ report: (TrainingStep) -> Void
    ) throws(TrainingError) -> ALSResult {
        let als = configuration.als
        let matrix = history.matrix
        if let factorizer = options.factorizer {
            let items = try factorizer.itemFactors(of: matrix, als) { report(.elsewhere($0)) }
            return try ALSTrainer(als).solvingUsers(of: matrix, items: items, exposure: side.exposure)
        }
        // Priors have a state of their own, which is not kept.
        let checkpoint = isLarge(matrix) && !als.usesAttributes ? checkpoint : nil
        let digest =
            checkpoint == nil
            ? ""
            : ColumnDigest(
                ["\(als)"],
                [
                    .init(matrix.offsets), .init(matrix.indices), .init(matrix.values),
                    .init(als.usesExposure ? history.itemExposure : Column()),
                ]
            ).text
        let start = checkpoint?.sweep(digest: digest)
        if let start { report(.resumed("sweep \(start.sweep) of the factorisation")) }
        return try ALSTrainer(als).fit(matrix, side: side, start: start) { sweep, factors, loss in
            report(.sweep(sweep, of: als.sweeps, loss: options.tellsLoss ? loss() : nil))
            if isGoodEnough(sweep, factors) { return false }
            guard let checkpoint, sweep < als.sweeps else { return true }
            if let problem = checkpoint.keep(factors, sweep: sweep, digest: digest) { report(.notKept(problem)) }
            return true
        }
    }

    /// Whether a factorisation costs more than writing its factors down.
    private func isLarge(_ matrix: InteractionMatrix) -> Bool {
        matrix.entryCount >= TrainingCheckpoint.leastEntries || options.checkpointsAll
    }

    private static func userSegments(_ profiles: ProfileTable, _ segments: SegmentLifts, users: Int)
        -> InteractionMatrix
    {
        let columns = segments.encoder.terms(of: profiles).map { column in
            (rows: column.names.map { $0.flatMap(segments.names.row).map(Int32.init) }, numbers: column.numbers)
        }
        var offsets: [Int64] = [0]
        var indices: [Int32] = []
        offsets.reserveCapacity(users + 1)
        for user in 0..<users {
            var own: [Int32] = []
            for column in columns where user < column.numbers.count && column.numbers[user] >= 0 {
                if let row = column.rows[Int(column.numbers[user])] { own.append(row) }
            }
            indices += own.sorted()
            offsets.append(Int64(indices.count))
        }
        return InteractionMatrix(
            rows: users, columns: segments.names.count, offsets: Column(offsets), indices: Column(indices),
            values: Column(indices.map { _ in 1 }))
    }
}
