// Answers requests from immutable model snapshots and the live windows of users.
import Synchronization

/// The engine a server or an app embeds. A request takes a served model in nanoseconds and computes outside every lock.
///
/// One version is current; others may be in service beside it, for the variants of an experiment and for requests that ask for a
/// version by name.
public final class RecommendationEngine: Sendable {
    private let sessions: any SessionStore
    private let log: any InteractionLog
    private let impressions: any ImpressionLog
    let catalog: any ItemCatalog
    private let users: any UserDirectory
    let models: any ModelStore
    let served = Mutex(InService())
    let configuration: Configuration
    private let gate: SlateGate
    private let recent: RecentEvents
    private let shown: ImpressionQueue
    private let exposures = ExposureCounts()

    /// What an engine keeps to.
    public struct Configuration: Sendable {
        /// Impressions kept while their log is slow; beyond it the newest are dropped, never a request.
        public var impressionBacklog = 10_000
        /// Lists computed at the same time: as many as there are processors.
        public var slatesAtOnce = 2
        /// Requests that may wait for their list; one more is refused at once.
        public var slatesWaiting = 512
        /// Event ids that are remembered to keep repetitions out of the log.
        public var rememberedEvents = 100_000
        /// Items that it refuses are never shown, such as those out of stock; `nil` = every item that is not hidden may be.
        public var rule: ItemFilter?
        /// The A/B test that runs.
        public var experiment: Experiment?
        /// How lists are drawn where neither the request nor the variant says.
        public var policy = PolicyChoice.fixed(.greedy)
        /// Learns how far the stochastic policy may go; `nil` = it goes as far as it was calibrated.
        public var dial: DialBandit?
        /// Candidates that a policy sees: more of them make a slate slower and its impression longer.
        public var policyCandidates = 100
        /// Greedy lists, no experiment, no rule.
        public init() {}
    }

    /// An engine without a model: call ``reload()`` when one is published.
    /// - Parameters:
    ///   - sessions: where windows are read and written.
    ///   - log: where events go.
    ///   - impressions: where answers are noted, behind them.
    ///   - catalog: what items are, and which are hidden.
    ///   - users: attributes of customers whom the model does not know.
    ///   - models: published models.
    ///   - configuration: what the engine keeps to.
    public init(
        sessions: any SessionStore, log: any InteractionLog, impressions: any ImpressionLog, catalog: any ItemCatalog,
        users: any UserDirectory, models: any ModelStore, configuration: Configuration = Configuration()
    ) {
        (self.sessions, self.log, self.impressions) = (sessions, log, impressions)
        (self.catalog, self.users, self.models) = (catalog, users, models)
        self.configuration = configuration
        gate = SlateGate(width: configuration.slatesAtOnce, queue: configuration.slatesWaiting)
        recent = RecentEvents(capacity: configuration.rememberedEvents)
        shown = ImpressionQueue(capacity: configuration.impressionBacklog)
    }

    /// Version being served; `nil` before the first successful ``reload()``.
    public var modelVersion: ModelVersion? { served.withLock { $0.current?.snapshot.version } }

    /// The experiment that runs.
    public var experiment: Experiment? { configuration.experiment }

    /// The store's current version, served or not; `nil` when nothing was published.
    public func publishedVersion() async throws(StorageError) -> ModelVersion? { try await models.current() }

    /// Answers one request.
    ///
    /// A store that does not answer is named in `degraded`; the answer is then made from the model alone.
    /// - Parameters:
    ///   - request: what is asked.
    ///   - id: name of the answer, which events may refer to.
    ///   - now: the moment of the request.
    public func recommend(
        _ request: RecommendationRequest, id: String, now: Timestamp
    ) async throws(RecommendationError) -> Recommendations {
        let plan = try plan(for: request)
        let knowledge = await knowledge(for: [plan])
        return try await answer(plan, id, knowledge, now)
    }

    /// Answers many requests with one look into each store. Each stands or falls by itself.
    public func recommend(
        _ requests: [NamedRequest], now: Timestamp
    ) async -> [Result<Recommendations, RecommendationError>] {
        let plans = requests.map { named -> Result<Plan, RecommendationError> in
            do throws(RecommendationError) { return .success(try plan(for: named.request)) } catch {
                return .failure(error)
            }
        }
        let knowledge = await knowledge(for: plans.compactMap { try? $0.get() })
        var answers: [Result<Recommendations, RecommendationError>] = []
        for (named, plan) in zip(requests, plans) {
            do throws(RecommendationError) {
                answers.append(.success(try await answer(try plan.get(), named.id, knowledge, now)))
            } catch {
                answers.append(.failure(error))
            }
        }
        return answers
    }

    /// Takes events in: the log and the windows, at the same time. The next answer of these users knows them.
    ///
    /// An event id that the log took lately is not logged again.
    /// - Throws: when either does not hold them; the same call may then be made again. `.conflict` when an event id was used for
    ///   another event before.
    public func record(_ interactions: [Interaction]) async throws(StorageError) {
        let new = try recent.begin(interactions)
        configuration.dial?.learn(new)
        async let logged: Result<Void, StorageError> = logging(new)
        async let windowed: Result<Void, StorageError> = windowing(interactions)
        let results = await (logged, windowed)
        try results.0.get()
        try results.1.get()
    }

    private func logging(_ interactions: [Interaction]) async -> Result<Void, StorageError> {
        guard !interactions.isEmpty else { return .success(()) }
        do throws(StorageError) {
            try await log.append(interactions)
            recent.finish(interactions, isTaken: true)
            return .success(())
        } catch {
            recent.finish(interactions, isTaken: false)
            return .failure(error)
        }
    }

    private func windowing(_ interactions: [Interaction]) async -> Result<Void, StorageError> {
        do throws(StorageError) {
            return .success(try await sessions.add(interactions))
        } catch {
            return .failure(error)
        }
    }

    /// Adds items to the catalogue or replaces them; the next answer of this engine knows them.
    public func upsertItems(_ items: [CatalogItem]) async throws(StorageError) {
        try await catalog.upsert(items)
        try await refreshCatalogue()
    }

    /// Removes items from the catalogue; the next answer of this engine holds none of them.
    public func removeItems(_ items: [ItemID]) async throws(StorageError) {
        try await catalog.remove(items)
        try await refreshCatalogue()
    }

    /// What the catalogue says of an item; `nil` = it has none of that name.
    public func item(_ id: ItemID) async throws(StorageError) -> CatalogItem? { try await catalog.items([id])[id] }

    /// Adds customers or replaces what is known of them.
    public func upsertUsers(_ profiles: [UserProfile]) async throws(StorageError) { try await users.upsert(profiles) }

    /// Forgets what is known of customers by attributes.
    public func removeUsers(_ ids: [UserID]) async throws(StorageError) { try await users.remove(ids) }

    /// What is known of a customer by attributes; `nil` = nothing.
    public func profile(of user: UserID) async throws(StorageError) -> UserProfile? {
        try await users.profiles(of: [user])[user]
    }

    /// Customers of whom something is known, in order of their ids, behind `id`.
    func profiles(after id: UserID, limit: Int) async throws(StorageError) -> [UserProfile] {
        try await users.page(after: id, limit: limit)
    }

    /// A user's last events, as the next answer will know them.
    public func window(of user: UserID) async throws(StorageError) -> SessionState {
        try await sessions.states(of: [user])[user] ?? SessionState()
    }

    /// Takes no more impressions: ``writeImpressions(pause:clock:failed:)`` writes what is queued and returns. Should the log be away
    /// then, the rest is lost as well: each batch would hold up the stop.
    public func finishImpressions() { shown.finish() }

    /// Impressions that were not kept because the queue was full.
    public var droppedImpressions: Int { shown.dropped }

    /// Impressions that wait for the writer; at ``Configuration/impressionBacklog`` the next ones are dropped.
    public var waitingImpressions: Int { shown.waiting }

    /// Writes impressions to their log until ``finishImpressions()`` or until the task is cancelled. Run one; without it impressions
    /// are dropped at the backlog.
    /// - Parameters:
    ///   - pause: between two batches: what comes meanwhile is written together.
    ///   - clock: what the pause is measured by.
    ///   - failed: called when the log refuses a batch, with how many are lost by that.
    public func writeImpressions(
        pause: Duration = .zero, clock: any Clock<Duration> = ContinuousClock(),
        failed: @Sendable (_ error: StorageError, _ lost: Int) -> Void = { _, _ in }
    ) async {
        while let batch = await shown.next(atMost: 1000) {
            do {
                try await impressions.append(batch)
            } catch {
                if error.isRetryable, let rest = shown.giveUp() { return failed(error, batch.count + rest) }
                failed(error, batch.count)
            }
            if pause > .zero { try? await clock.sleep(for: pause) }
        }
    }
}

// MARK: - One request

extension RecommendationEngine {
    /// A request and who answers it.
    private struct Plan: Sendable {
        let request: RecommendationRequest
        let model: ServedModel
        let variant: Experiment.Variant?
        var user: UserID? { request.user }
        /// Whether the directory of users may know what the model does not: a customer who came after training.
        var wantsProfile: Bool {
            guard let user, request.attributes == nil, model.snapshot.segments.names.count > 0 else { return false }
            return model.snapshot.history.users.row(of: user.rawValue) == nil
        }
    }

    /// What the stores said about the users of some requests.
    private struct Knowledge: Sendable {
        /// `nil` = the windows could not be read.
        var windows: [UserID: SessionState]? = [:]
        var profiles: [UserID: UserProfile]? = [:]
    }

    private func plan(for request: RecommendationRequest) throws(RecommendationError) -> Plan {
        try check(request)
        let plan = try served(request)
        if case .fixed(let policy) = choice(for: plan), case .thompson = policy.choice,
            ![.similarity, .crossSell].contains(request.mode), request.limit + request.offset > Self.mostThompson
        {
            throw .invalidRequest(
                field: "limit", reason: "reaches beyond the \(Self.mostThompson) places that thompson fills")
        }
        let items = plan.model.snapshot.history.items
        if let choice = request.policy, choice != .fixed(.greedy), request.mode == .auto,
            request.items.contains(where: { items.row(of: $0.rawValue) != nil })
        {
            throw .invalidRequest(field: "policy", reason: Self.policyForUsers)
        }
        if case .fixed(let policy) = request.policy, let quota = policy.quota,
            !plan.model.attributes.has(column: quota.column)
        {
            throw .invalidRequest(
                field: "policy", reason: "has a quota of \(quota.column), of which no item in the catalogue has a value"
            )
        }
        return plan
    }

    private func check(_ request: RecommendationRequest) throws(RecommendationError) {
        guard (1...RecommendationRequest.maximumLimit).contains(request.limit) else {
            throw .invalidRequest(field: "limit", reason: "is not in 1...\(RecommendationRequest.maximumLimit)")
        }
        guard request.offset >= 0, request.offset <= RecommendationRequest.maximumLimit - request.limit else {
            throw .invalidRequest(
                field: "offset", reason: "reaches beyond \(RecommendationRequest.maximumLimit) items")
        }
        if let choice = request.policy, choice != .fixed(.greedy), [.similarity, .crossSell].contains(request.mode) {
            throw .invalidRequest(field: "policy", reason: Self.policyForUsers)
        }
    }

    private static let policyForUsers =
        "is for lists of a user; those of items (similarity, cross_sell) always show the best: leave the policy out"

    /// The model that answers, and the variant that the user has in an experiment.
    private func served(_ request: RecommendationRequest) throws(RecommendationError) -> Plan {
        // Who names a policy takes no part in an experiment about policies.
        let variant = (request.policy == nil ? request.user ?? request.session : nil).flatMap {
            configuration.experiment?.variant(of: $0)
        }
        let inService = served.withLock { $0 }
        guard let current = inService.current else { throw .noModel }
        if let wanted = request.model {
            guard let model = inService.models[wanted] else {
                throw .notInService(wanted, serving: inService.models.keys.sorted())
            }
            // A request that names its model takes no part in an experiment about models.
            return Plan(request: request, model: model, variant: nil)
        }
        // A variant whose version cannot be loaded here is answered by the current one, and counts as no variant.
        guard let version = variant?.model else { return Plan(request: request, model: current, variant: variant) }
        guard let model = inService.models[version] else { return Plan(request: request, model: current, variant: nil) }
        return Plan(request: request, model: model, variant: variant)
    }

    /// Each place of Thompson's costs an integral.
    private static let mostThompson = 50

    /// One call to each store, and none where there is nothing to ask.
    private func knowledge(for plans: [Plan]) async -> Knowledge {
        var knowledge = Knowledge()
        let named = Set(plans.flatMap { [$0.request.user, $0.request.session].compactMap { $0 } })
        if !named.isEmpty { knowledge.windows = try? await sessions.states(of: Array(named)) }
        let strangers = Set(plans.compactMap { $0.wantsProfile ? $0.user : nil })
        if !strangers.isEmpty { knowledge.profiles = try? await users.profiles(of: Array(strangers)) }
        return knowledge
    }

    private func answer(
        _ plan: Plan, _ id: String, _ knowledge: Knowledge, _ now: Timestamp
    ) async throws(RecommendationError) -> Recommendations {
        let request = plan.request
        var degraded: [String] = []
        var live: [Interaction] = []
        let named = Set([request.user, request.session].compactMap { $0 })
        if let windows = knowledge.windows {
            for user in named { live += windows[user]?.interactions ?? [] }
        } else if !named.isEmpty {
            degraded.append("sessions")
        }
        var attributes = request.attributes
        if plan.wantsProfile {
            if let profiles = knowledge.profiles {
                attributes = request.user.flatMap { profiles[$0]?.attributes }
            } else {
                degraded.append("users")
            }
        }
        let seed = slateSeed(
            request: request.requestID ?? id, model: plan.model.snapshot.version.rawValue, seed: request.seed)
        let builder = SlateBuilder(
            model: plan.model, rule: configuration.rule, explains: request.explain,
            drawing: SlateBuilder.Drawing(
                policy: policy(for: plan, answer: id, seed: seed), seed: seed, exposures: exposures,
                candidates: configuration.policyCandidates))
        let (events, known) = (request.recentEvents + live, attributes)
        let answer = try await gate.run { builder.answer(request, events: events, attributes: known) }
        let isKnown = !named.isEmpty && knowledge.windows != nil
        let slate = Recommendations(
            id: id, modelVersion: plan.model.snapshot.version, mode: answer.mode,
            policy: answer.drawn.policy.text, seed: answer.drawn.policy.isDeterministic ? nil : seed,
            variant: plan.variant?.name, items: answer.items,
            isFallback: answer.isFallback, unknownItems: answer.unknown,
            window: isKnown ? WindowState(events: live.count, newest: live.map(\.timestamp).max()) : nil,
            degraded: degraded)
        shown.add(
            Impression(
                recommendation: id, user: request.user ?? request.session, modelVersion: slate.modelVersion,
                policy: slate.policy, mode: slate.mode.rawValue, timestamp: now, seed: slate.seed ?? 0,
                items: answer.drawn.items, logPropensities: answer.drawn.logPropensities, offset: request.offset,
                length: request.limit + request.offset, candidates: answer.drawn.candidates))
        return slate
    }

    /// What the request asks for, else its variant, else the server.
    private func choice(for plan: Plan) -> PolicyChoice {
        plan.request.policy ?? plan.variant?.policy.flatMap { try? PolicyChoice($0) } ?? configuration.policy
    }

    private func policy(
        for plan: Plan, answer: String, seed: UInt64
    ) -> @Sendable (_ isStranger: Bool) -> ComposedPolicy {
        let choice = choice(for: plan)
        let exploration = plan.model.snapshot.configuration.exploration ?? .standard
        let dial = configuration.dial
        return { isStranger in
            switch choice {
            case .fixed(let policy): policy
            case .stochastic:
                dial?.policy(for: answer, exploration: exploration, isStranger: isStranger, seed: seed)
                    ?? exploration.policy(forStranger: isStranger)
            }
        }
    }
}
