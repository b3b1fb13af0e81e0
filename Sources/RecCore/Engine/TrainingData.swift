// What training reads from the stores: history, catalogue and customers, in pages.

/// Events in compact form and the attributes of items and users.
public struct TrainingData: Sendable {
    public let builder: HistoryBuilder
    public let attributes: [ItemID: [String: String]]
    public let profiles: [UserID: [String: String]]

    public init(
        builder: HistoryBuilder, attributes: [ItemID: [String: String]], profiles: [UserID: [String: String]] = [:]
    ) {
        (self.builder, self.attributes, self.profiles) = (builder, attributes, profiles)
    }

    /// Reads everything. Memory: 13 bytes an event, the names, and the catalogue's text.
    /// - Parameter progress: events read, of how many.
    public static func read(
        history: any InteractionStore, catalog: any ItemCatalog, users: any UserDirectory,
        progress: @Sendable (_ done: Int, _ of: Int) -> Void = { _, _ in }
    ) async throws(StorageError) -> TrainingData {
        var builder = HistoryBuilder()
        let total = try await history.count()
        var offset: Int64 = 0
        while true {
            let page = try await history.page(after: offset, limit: 50_000)
            if page.interactions.isEmpty { break }
            for interaction in page.interactions { builder.add(interaction) }
            offset = page.nextOffset
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
        var profiles: [UserID: [String: String]] = [:]
        var lastUser: UserID?
        while true {
            let page = try await users.page(after: lastUser, limit: 5000)
            guard let end = page.last else { break }
            for profile in page {
                builder.add(user: profile.id)
                profiles[profile.id] = profile.attributes
            }
            lastUser = end.id
        }
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

    /// Trains on everything before the last `days`, and judges the model on these days next to the baselines.
    public func evaluate(
        _ options: TrainingOptions, days: Double, created: Timestamp,
        report: @escaping @Sendable (TrainingStep) -> Void = { _ in }
    ) async throws(TrainingError) -> (report: EvaluationReport, snapshot: ModelSnapshot) {
        guard let version = ModelVersion("evaluation") else { throw .configuration("no version") }
        return try await HeavyWork.run { () throws(TrainingError) in
            let split = builder.validationSplit(days: days)
            guard !split.test.isEmpty, split.isTraining.contains(true) else {
                throw .data("the history is too short to reserve \(days) days of it")
            }
            let snapshot = try TrainingPipeline(options).train(
                builder, attributes: attributes, profiles: profiles, marks: split.isTraining, version: version,
                created: created,
                report: report)
            let weekCounts = builder.itemCounts(lastDays: 7, only: split.isTraining)
            return (EvaluationPipeline(snapshot).run(split, weekCounts: weekCounts), snapshot)
        }
    }
}
