// Which models are in service: the store's current version, and those that an experiment names.

extension RecommendationEngine {
    /// The models in service.
    struct InService: Sendable {
        var currentVersion: ModelVersion?
        var models: [ModelVersion: ServedModel] = [:]
        /// Versions that were asked for by name, the latest last: they stay beside the current one.
        var asked: [ModelVersion] = []
        var current: ServedModel? { currentVersion.flatMap { models[$0] } }
    }

    /// The models that answer now, by version.
    public var modelsInService: [ModelSummary] {
        let served = served.withLock { $0 }
        return served.models.values.map { model in
            ModelSummary(
                version: model.snapshot.version, created: model.snapshot.created,
                isCurrent: model.snapshot.version == served.currentVersion)
        }.sorted { $0.version < $1.version }
    }

    /// The served model with all that the catalogue told, and the rows of items that may not be shown; `nil` before the first
    /// ``reload()``.
    public var inService: (snapshot: ModelSnapshot, closed: Set<Int>)? {
        served.withLock { $0.current }.map { ($0.snapshot, Set($0.closed.rows)) }
    }

    /// Versions that the experiment names; they are in service beside the current one.
    private var beside: Set<ModelVersion> { Set(configuration.experiment?.variants.compactMap(\.model) ?? []) }

    /// Loads the store's current version if it is not the served one, with all that the catalogue told until now: nothing that
    /// ``refreshCatalogue()`` brought is lost by a reload. A version that fails to load, or to answer, leaves the served one in
    /// place, and so does a catalogue that cannot be read.
    /// - Returns: the version served afterwards; `nil` when nothing was published.
    @discardableResult
    public func reload() async throws(StorageError) -> ModelVersion? {
        while true {
            let replaced = modelVersion
            guard let version = try await models.current() else { return modelVersion }
            if version == replaced { return version }
            try await bringIntoService(version)
            // Only in the place of the version that it was to replace: another call may have been faster.
            let isDone = served.withLock { served in
                guard served.currentVersion == replaced, served.models[version] != nil else { return false }
                served.currentVersion = version
                return true
            }
            retire()
            if isDone { return version }
        }
    }

    /// Loads the versions that the experiment names and that are not in service yet.
    /// - Throws: the first version's error that cannot be loaded; the others are loaded all the same.
    public func loadExperiment() async throws(StorageError) {
        var failure: StorageError?
        for version in beside.sorted() {
            do {
                try await bringIntoService(version)
            } catch {
                failure = failure ?? error
            }
        }
        if let failure { throw failure }
    }

    /// Makes a published version current, here and for every server that follows the store. It is loaded, verified and tried out
    /// first: a version that is not good changes nothing, anywhere.
    public func activate(_ version: ModelVersion) async throws(StorageError) {
        try await bringIntoService(version)
        do {
            try await models.activate(version)
        } catch {
            retire()
            throw error
        }
        try await reload()
    }

    /// Versions that ``serveBeside(_:)`` keeps: two to compare with each other.
    public static let mostAsked = 2

    /// Takes a version into service beside the current one, so that requests may ask for it by name. Of those taken so the last
    /// ``mostAsked`` stay; each costs the memory of its model.
    public func serveBeside(_ version: ModelVersion) async throws(StorageError) {
        // Noted first: another load that ends meanwhile must not put it to rest.
        let before = served.withLock { served in
            let before = served.asked
            served.asked = Array((before.filter { $0 != version } + [version]).suffix(Self.mostAsked))
            return before
        }
        do throws(StorageError) {
            try await bringIntoService(version)
        } catch {
            served.withLock { $0.asked = before }
            throw error
        }
        retire()
    }

    /// Drops the models that are neither the current one, nor an experiment's, nor asked for.
    private func retire() {
        let beside = beside
        served.withLock { served in
            let current = served.currentVersion
            served.models = served.models.filter {
                $0.key == current || beside.contains($0.key) || served.asked.contains($0.key)
            }
        }
    }

    /// Makes the version current that was published before the current one.
    /// - Returns: the version served afterwards.
    public func rollBack() async throws(StorageError) -> ModelVersion {
        let all = try await models.versions()
        guard let place = all.firstIndex(where: \.isCurrent), place + 1 < all.count else {
            throw StorageError(
                .notFound, operation: "models.rollback", reason: "there is no version before the current one")
        }
        try await activate(all[place + 1].version)
        return all[place + 1].version
    }

    /// Published versions, newest first.
    public func publishedModels() async throws(StorageError) -> [ModelSummary] { try await models.versions() }

    /// Loads a version, with all that the catalogue tells, and puts it beside those in service.
    private func bringIntoService(_ version: ModelVersion) async throws(StorageError) {
        guard served.withLock({ $0.models[version] == nil }) else { return }
        var model = ServedModel(try await models.load(version))
        var rounds = 0
        while true {
            model = try await caughtUp(model)
            if rounds == 0 { try await warmUp(model) }
            let candidate = model
            // The catalogue goes on while a version is loaded: it goes into service only when it knows as much as the others. A
            // catalogue that was set back, such as one restored from a copy, never reaches the old place again.
            let mayBeBehind = rounds < Self.mostRounds
            rounds += 1
            let isDone = served.withLock { served in
                let furthest = served.models.values.map(\.cursor).max() ?? .start
                if mayBeBehind, furthest > candidate.cursor { return false }
                served.models[version] = candidate
                return true
            }
            if isDone { return }
        }
    }

    /// Answers some requests: what they touch of the model's files is in memory afterwards, and a model that cannot rank is found out
    /// before anyone asks it.
    private func warmUp(_ model: ServedModel) async throws(StorageError) {
        let rule = configuration.rule
        let isGood = await HeavyWork.run { model.isAbleToAnswer(rule: rule) }
        guard isGood else {
            throw StorageError(
                .corrupt, operation: "models.load",
                reason: "\(model.snapshot.version) gives scores that are no numbers")
        }
    }
}

extension RecommendationEngine.ServedModel {
    /// Users whose lists are made to try a model out.
    private static let trials = 50

    /// Whether lists of every mode have scores that are numbers.
    func isAbleToAnswer(rule: ItemFilter?) -> Bool {
        let (users, items) = (snapshot.history.users, snapshot.history.items)
        let builder = SlateBuilder(model: self, rule: rule)
        func isGood(_ request: RecommendationRequest) -> Bool {
            builder.answer(request, events: []).items.allSatisfy { $0.score.isFinite }
        }
        guard isGood(RecommendationRequest(mode: .coldStart)) else { return false }
        for trial in 0..<min(Self.trials, max(users.count, items.count)) {
            if users.count > 0 {
                let user = UserID(users.name(of: trial * users.count / Self.trials % users.count))
                guard isGood(RecommendationRequest(user: user, mode: trial % 2 == 0 ? .recency : .auto)) else {
                    return false
                }
            }
            if items.count > 0 {
                let item = ItemID(items.name(of: trial * items.count / Self.trials % items.count))
                guard isGood(RecommendationRequest(mode: trial % 2 == 0 ? .similarity : .crossSell, items: [item]))
                else { return false }
            }
        }
        return true
    }
}
