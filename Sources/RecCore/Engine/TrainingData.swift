// What training reads from the stores: history, catalogue and customers, in pages.

/// Events in compact form and the attributes of items and users.
public struct TrainingData: Sendable {
    /// The events, with rows for items and users that have none.
    public let builder: HistoryBuilder
    /// Column name to text, by item.
    public let attributes: [ItemID: [String: String]]
    /// By the user rows of the builder.
    public let profiles: ProfileTable

    /// - Parameters:
    ///   - builder: all events.
    ///   - attributes: of items, by column.
    ///   - profiles: attributes of users, by column; those of users whom `builder` does not know are left out.
    public init(
        builder: HistoryBuilder, attributes: [ItemID: [String: String]], profiles: [UserID: [String: String]] = [:]
    ) {
        self.init(
            builder: builder, attributes: attributes,
            profiles: ProfileTable(builder.userIDs.map { profiles[$0] ?? [:] })
        )
    }

    init(builder: HistoryBuilder, attributes: [ItemID: [String: String]], profiles: ProfileTable) {
        (self.builder, self.attributes, self.profiles) = (builder.grouped(), attributes, profiles)
    }

    /// Reads everything. Memory: 13 bytes an event, the names, the catalogue's text, and 4 bytes an attribute of a user.
    /// - Parameters:
    ///   - history: gives the events.
    ///   - catalog: gives the items and their attributes.
    ///   - users: gives the customers' attributes.
    ///   - progress: events read, of how many.
    public static func read(
        history: any InteractionStore, catalog: any ItemCatalog, users: any UserDirectory,
        progress: @Sendable (_ done: Int, _ of: Int) -> Void = { _, _ in }
    ) async throws(StorageError) -> TrainingData {
        let total = try await history.count()
        var builder = HistoryBuilder(capacity: total)
        var reader = history.numberedReader()
        var numbering = HistoryBuilder.Numbering()
        while let page = try await reader.next(limit: 200_000) {
            try builder.add(page, &numbering)
            progress(builder.eventCount, total)
        }
        var attributes: [ItemID: [String: String]] = [:]
        var last: ItemID?
        while true {
            let page = try await catalog.page(after: last, limit: 5000)
            guard let end = page.last else { break }
            for item in page {
                builder.add(item: item.id)
                attributes[item.id] = item.attributes
            }
            last = end.id
        }
        var profiles = ProfileTable()
        var lastUser: UserID?
        while true {
            let page = try await users.page(after: lastUser, limit: 5000)
            guard let end = page.last else { break }
            for profile in page { profiles.set(profile.attributes, ofRow: builder.add(user: profile.id)) }
            lastUser = end.id
        }
        defer { returnFreeMemory() }
        return TrainingData(builder: builder, attributes: attributes, profiles: profiles)
    }

    /// Trains on everything, on a thread of its own.
    public func train(
        _ options: TrainingOptions, version: ModelVersion, created: Timestamp,
        report: @escaping @Sendable (TrainingStep) -> Void = { _ in }
    ) async throws(TrainingError) -> ModelSnapshot {
        try await HeavyWork.run { () throws(TrainingError) in
            try TrainingPipeline(options).train(
                builder, attributes: attributes, profiles: profiles, version: version, created: created, report: report)
        }
    }

    /// Trains on all but the last days.
    /// - Returns: the model, and what the users of these days took, by the model's rows.
    /// - Throws: `.data` when nothing is left to learn from or to judge by.
    public func holdingOut(
        days: Double, _ options: TrainingOptions, created: Timestamp,
        report: @escaping @Sendable (TrainingStep) -> Void = { _ in }
    ) async throws(TrainingError) -> (snapshot: ModelSnapshot, test: [Int: Set<Int32>]) {
        guard let version = ModelVersion("evaluation") else { throw .configuration("no version") }
        return try await HeavyWork.run { () throws(TrainingError) in
            var builder = builder
            builder.kindWeights = options.confidence.kindWeights
            guard let split = builder.evaluationFolds(days: days, count: 1).first, !split.test.isEmpty,
                split.isTraining.contains(true)
            else { throw .data("the history is too short to reserve \(days) days of it") }
            let snapshot = try TrainingPipeline(options).train(
                builder, attributes: attributes, profiles: profiles, marks: split.isTraining, version: version,
                created: created, report: report)
            return (snapshot, split.test)
        }
    }

    /// Trains on everything before each reserved window, and judges each model on its window next to the baselines.
    ///
    /// Windows stand one behind the other, the last first; everything that a model chooses by itself is chosen on what came
    /// before its window. Where the data have no times, each fold is another random hold-out.
    /// - Returns: the report, and the model of the last window.
    /// - Throws: `.data` when no window can be judged.
    public func evaluate(
        _ options: TrainingOptions, days: Double, folds count: Int = 1, created: Timestamp,
        report: @escaping @Sendable (TrainingStep) -> Void = { _ in }
    ) async throws(TrainingError) -> (report: FoldedEvaluation, snapshot: ModelSnapshot) {
        guard let version = ModelVersion("evaluation") else { throw .configuration("no version") }
        return try await HeavyWork.run { () throws(TrainingError) in
            var reports: [EvaluationReport] = []
            var skipped: [String] = []
            var notes: [String] = []
            var last: ModelSnapshot?
            var builder = builder
            builder.kindWeights = options.confidence.kindWeights
            for (number, split) in builder.evaluationFolds(days: days, count: count).enumerated() {
                guard !split.test.isEmpty, split.isTraining.contains(true) else {
                    skipped.append("window \(number + 1) has no users to judge or no events to learn from")
                    continue
                }
                let snapshot = try TrainingPipeline(options).train(
                    builder, attributes: attributes, profiles: profiles, marks: split.isTraining, version: version,
                    created: created, report: report)
                if number == 0, let cut = split.cut, let range = builder.timeRange,
                    range.last.days - cut.days > days + 1
                {
                    notes.append(
                        "too little happened in the last \(days) days: the window begins \(cut.dayText) and holds \(split.test.count) users"
                    )
                }
                let weekCounts = builder.itemCounts(lastDays: 7, only: split.isTraining)
                reports.append(
                    EvaluationPipeline(snapshot).run(split, weekCounts: weekCounts) { report(.judging($0, of: $1)) })
                last = last ?? snapshot
            }
            guard let last else { throw .data("the history is too short to reserve \(days) days of it") }
            if reports.count + skipped.count < count {
                skipped.append("the history is too short for more than \(reports.count) windows of \(days) days")
            }
            var report = FoldedEvaluation(reports, skipped: skipped)
            report.notes = notes
            return (report, last)
        }
    }
}
