// Answers requests from one immutable model snapshot and the live windows of users.
import Synchronization

/// The engine a server or an app embeds. A request takes the served snapshot in nanoseconds and computes outside every lock.
public final class RecommendationEngine: Sendable {
    private let sessions: any SessionStore
    private let log: any InteractionLog
    private let impressions: any ImpressionLog
    let catalog: any ItemCatalog
    private let users: any UserDirectory
    let models: any ModelStore
    let served = Mutex<ServedModel?>(nil)
    private let shown: AsyncStream<Impression>
    private let showing: AsyncStream<Impression>.Continuation

    /// - Parameter impressionBacklog: impressions kept while the log is slow; beyond it the newest are dropped, never a request.
    public init(
        sessions: any SessionStore, log: any InteractionLog, impressions: any ImpressionLog, catalog: any ItemCatalog,
        users: any UserDirectory, models: any ModelStore, impressionBacklog: Int = 10_000
    ) {
        (self.sessions, self.log, self.impressions) = (sessions, log, impressions)
        (self.catalog, self.users, self.models) = (catalog, users, models)
        (shown, showing) = AsyncStream.makeStream(bufferingPolicy: .bufferingOldest(impressionBacklog))
    }

    /// Version being served; `nil` before the first successful ``reload()``.
    public var modelVersion: ModelVersion? { served.withLock { $0?.snapshot.version } }

    /// The store's current version, served or not; `nil` when nothing was published.
    public func publishedVersion() async throws(StorageError) -> ModelVersion? { try await models.current() }

    /// Answers one request.
    ///
    /// A store that does not answer is named in `degraded`; the answer is then made from the model alone.
    /// - Parameters:
    ///   - id: name of the answer, which events may refer to.
    ///   - now: the moment of the request.
    public func recommend(
        _ request: RecommendationRequest, id: String, now: Timestamp
    ) async throws(RecommendationError) -> Recommendations {
        guard (1...RecommendationRequest.maximumLimit).contains(request.limit) else {
            throw .invalidRequest(field: "limit", reason: "is not in 1...\(RecommendationRequest.maximumLimit)")
        }
        guard let model = served.withLock({ $0 }) else { throw .noModel }
        var degraded: [String] = []
        var events = request.recentEvents
        if let user = request.user {
            do {
                events += try await sessions.states(of: [user])[user]?.interactions ?? []
            } catch {
                degraded.append("sessions")
            }
        }
        // A customer who came after training may be known by attributes alone.
        var attributes: [String: String]?
        if let user = request.user, model.snapshot.segments.names.count > 0,
            model.snapshot.history.users.row(of: user.rawValue) == nil
        {
            do {
                attributes = try await users.profiles(of: [user])[user]?.attributes
            } catch {
                degraded.append("users")
            }
        }
        let answer = SlateBuilder(model: model, explains: request.explain).answer(
            request, events: events, attributes: attributes)
        let slate = Recommendations(
            id: id, modelVersion: model.snapshot.version, mode: answer.mode, policy: "greedy", items: answer.items,
            isFallback: answer.isFallback, unknownItems: answer.unknown, degraded: degraded)
        showing.yield(
            Impression(
                recommendation: id, user: request.user, modelVersion: slate.modelVersion, policy: slate.policy,
                mode: slate.mode.rawValue, timestamp: now, seed: 0, items: slate.items.map(\.item),
                propensities: slate.items.map(\.propensity)))
        return slate
    }

    /// Takes events in: the log and the windows, at the same time. The next answer of these users knows them.
    /// - Throws: when either does not hold them; the same call may then be made again (both are idempotent or at least once).
    public func record(_ interactions: [Interaction]) async throws(StorageError) {
        async let logged: Result<Void, StorageError> = logging(interactions)
        async let windowed: Result<Void, StorageError> = windowing(interactions)
        let results = await (logged, windowed)
        try results.0.get()
        try results.1.get()
    }

    private func logging(_ interactions: [Interaction]) async -> Result<Void, StorageError> {
        do throws(StorageError) { return .success(try await log.append(interactions)) } catch { return .failure(error) }
    }

    private func windowing(_ interactions: [Interaction]) async -> Result<Void, StorageError> {
        do throws(StorageError) {
            return .success(try await sessions.add(interactions))
        } catch {
            return .failure(error)
        }
    }

    /// Takes no more impressions: ``writeImpressions(failed:)`` writes what is queued and returns.
    public func finishImpressions() { showing.finish() }

    /// Writes impressions to their log until ``finishImpressions()`` or until the task is cancelled. Run one; without it impressions are dropped at the backlog.
    /// - Parameter failed: called when the log refuses a batch, which is then lost.
    public func writeImpressions(failed: @Sendable (StorageError) -> Void = { _ in }) async {
        for await impression in shown {
            do {
                try await impressions.append([impression])
            } catch {
                failed(error)
            }
        }
    }
}
