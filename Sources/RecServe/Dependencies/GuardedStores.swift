// The stores as the engine sees them while it serves: each behind its guard.
import RecCore

/// Ports whose calls a guard watches. Everything else is the store's own.
public struct GuardedStores: Sendable {
    /// Windows, behind a guard for reads and one for writes.
    public let sessions: any SessionStore
    /// The event log, behind its guard.
    public let log: any InteractionLog
    /// Profiles; reads of single users are guarded, everything else is passed on.
    public let users: any UserDirectory

    /// How long a request waits for each store.
    public struct Deadlines: Sendable, Hashable {
        /// Profiles: the answer does without them afterwards.
        public var read = Duration.milliseconds(50)
        /// Windows; `nil` = the store keeps to a deadline itself, as the one on Redis does.
        public var windows: Duration? = .milliseconds(50)
        /// Windows and log of an event: the caller is told to send it again afterwards.
        public var write = Duration.seconds(2)
        /// 50 ms for what is read, 2 s for what is written.
        public init() {}
    }

    /// - Parameters:
    ///   - sessions: the windows.
    ///   - log: the event log.
    ///   - users: the customers' attributes.
    ///   - metrics: those of the ``RecommendationServer`` that asks these stores.
    ///   - deadlines: how long a request waits for each.
    public init(
        sessions: any SessionStore, log: any InteractionLog, users: any UserDirectory,
        metrics: ServerMetrics, deadlines: Deadlines = Deadlines()
    ) {
        self.init(
            sessions: sessions, log: log, users: users, metrics: metrics, deadlines: deadlines,
            breaker: CircuitBreaker.Settings(), clock: ContinuousClock())
    }

    /// - Parameters:
    ///   - breaker: of each guard.
    ///   - clock: what the deadlines are measured by.
    init(
        sessions: any SessionStore, log: any InteractionLog, users: any UserDirectory, metrics: ServerMetrics,
        deadlines: Deadlines, breaker: CircuitBreaker.Settings, clock: any Clock<Duration>
    ) {
        func guardian(_ dependency: Dependency, _ deadline: Duration?, mostCalls: Int) -> Guard {
            Guard(
                dependency, deadline: deadline, mostCalls: mostCalls, metrics: metrics, settings: breaker, clock: clock)
        }
        // Writes may take long without reads being in danger: each has a guard of its own.
        self.sessions = GuardedSessions(
            base: sessions, reads: guardian(.sessions, deadlines.windows, mostCalls: 64),
            writes: guardian(.sessionWrites, deadlines.write, mostCalls: 64))
        self.log = GuardedLog(
            base: log, guardian: guardian(.log, deadlines.write + .milliseconds(500), mostCalls: 256))
        self.users = GuardedUsers(base: users, guardian: guardian(.users, deadlines.read, mostCalls: 32))
    }
}

private struct GuardedSessions: SessionStore {
    let base: any SessionStore
    let reads: Guard
    let writes: Guard

    func record(_ interactions: [Interaction]) async throws(StorageError) -> [UserID: SessionState] {
        try await writes.run("sessions.record") { [base] () throws(StorageError) in try await base.record(interactions)
        }
    }
    func add(_ interactions: [Interaction]) async throws(StorageError) {
        try await writes.run("sessions.add") { [base] () throws(StorageError) in try await base.add(interactions) }
    }
    func states(of users: [UserID]) async throws(StorageError) -> [UserID: SessionState] {
        try await reads.run("sessions.states") { [base] () throws(StorageError) in try await base.states(of: users) }
    }
}

private struct GuardedLog: InteractionLog {
    let base: any InteractionLog
    let guardian: Guard

    func append(_ interactions: [Interaction]) async throws(StorageError) {
        try await guardian.run("log.append") { [base] () throws(StorageError) in try await base.append(interactions) }
    }
}

private struct GuardedUsers: UserDirectory {
    let base: any UserDirectory
    let guardian: Guard

    func profiles(of users: [UserID]) async throws(StorageError) -> [UserID: UserProfile] {
        try await guardian.run("users.profiles") { [base] () throws(StorageError) in try await base.profiles(of: users)
        }
    }
    func upsert(_ profiles: [UserProfile]) async throws(StorageError) { try await base.upsert(profiles) }
    func page(after id: UserID?, limit: Int) async throws(StorageError) -> [UserProfile] {
        try await base.page(after: id, limit: limit)
    }
    func remove(_ users: [UserID]) async throws(StorageError) { try await base.remove(users) }
}
