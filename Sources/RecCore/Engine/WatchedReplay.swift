// A replay of history that somebody watches: the event generator and the stream processor in one process.
import Synchronization

/// What is to be seen of a replay.
public struct ReplayView: Sendable, Hashable {
    /// An event as it was taken.
    public struct Taken: Sendable, Hashable {
        /// Who.
        public let user: UserID
        /// What it was done to.
        public let item: ItemID
        /// What was done.
        public let kind: InteractionKind
        /// When, by the event's own time.
        public let timestamp: Timestamp
    }
    /// Whether events are being sent.
    public internal(set) var isRunning = false
    /// Seconds of history in one second; `nil` = as fast as possible.
    public internal(set) var speed: Double?
    /// Events sent since the server started.
    public internal(set) var sent = 0
    /// Events of the history.
    public internal(set) var total = 0
    /// Events that windows took, visitors' own included.
    public internal(set) var taken = 0
    /// Events that were sent and not taken yet.
    public internal(set) var lag = 0
    /// Events that windows took, a second, over the last two seconds; 0 when nothing is sent.
    public internal(set) var eventsPerSecond = 0.0
    /// Time of the last event that was taken.
    public internal(set) var at: Timestamp?
    /// Customers whose window holds 0, 1, ... ``SessionState/capacity`` events; at most ``WatchedReplay/mostWindows`` are counted.
    public internal(set) var filling = [Int](repeating: 0, count: SessionState.capacity + 1)
    /// The newest first.
    public internal(set) var recent: [Taken] = []
    /// Why it ended before the end.
    public internal(set) var failure: String?

    /// Nothing was sent yet.
    public init() {}

    /// Customers that are counted in ``filling``.
    public var windows: Int { filling.reduce(0, +) }
    /// Those of them whose window is full.
    public var fullWindows: Int { filling.last ?? 0 }
}

/// Sends history through the event log into the windows, and tells how it goes.
///
/// The same pipelines as `rec-replay` and `rec-process` run: what is repeated changes no window. A second start goes on where
/// the first stopped, and from the front once the end was reached; after a failure it sends again what it had sent since its start. What the
/// log held before a start is passed over.
public actor WatchedReplay {
    /// Windows that are counted at most.
    public static let mostWindows = 1_000_000

    private let history: any InteractionStore
    private let log: any InteractionLog
    private let feed: any SkippingFeed
    private let watched: WatchedSessions
    private let instant: @Sendable () -> ContinuousClock.Instant
    private var running: Running?
    private var isSending = false
    private var offset: Int64 = 0
    private var view = ReplayView()
    /// Where the replay that runs began.
    private var base = (sent: 0, taken: 0, offset: Int64(0))
    /// When how many events had been taken, for the rate.
    private var samples: [(instant: ContinuousClock.Instant, taken: Int)] = []

    /// The tasks of one start.
    private struct Running {
        let sending: Task<StorageError?, Never>
        /// Ends when all is sent and taken.
        let whole: Task<Void, Never>
    }

    /// - Parameters:
    ///   - history: what is sent.
    ///   - log: where it is sent.
    ///   - feed: of the log, from which the windows are filled.
    ///   - sessions: the windows.
    ///   - instant: measures the rate.
    public init(
        history: any InteractionStore, log: any InteractionLog, feed: any SkippingFeed, sessions: any SessionStore,
        instant: @escaping @Sendable () -> ContinuousClock.Instant
    ) {
        (self.history, self.log, self.feed, self.instant) = (history, log, feed, instant)
        watched = WatchedSessions(base: sessions)
    }

    /// Starts, or goes on at another speed.
    /// - Parameter speed: seconds of history in one second; `nil` = as fast as possible.
    public func start(speed: Double?) async throws(StorageError) -> ReplayView {
        let total = try await history.count()
        // Again, where another call has started one meanwhile.
        while running != nil { await stop() }
        (view.isRunning, view.speed, view.total, view.failure) = (true, speed, total, nil)
        samples = []
        base = (view.sent, watched.seen.taken, offset)
        let skipping = Task { () -> StorageError? in
            do throws(StorageError) {
                try await feed.skipToEnd()
                return nil
            } catch {
                return error
            }
        }
        let sending = Task { () -> StorageError? in
            if let failure = await skipping.value { return failure }
            return await self.send(speed: speed)
        }
        let whole = Task {
            _ = await skipping.value
            await self.takeAll(of: sending)
        }
        running = Running(sending: sending, whole: whole)
        return figures()
    }

    /// Ends sending; what was sent is taken still. Without a replay nothing happens.
    public func stop() async {
        guard let running else { return }
        running.sending.cancel()
        await running.whole.value
    }

    /// Waits until a replay that runs has sent all, and all was taken.
    public func finish() async { await running?.whole.value }

    /// How it goes now. - Complexity: O(1).
    public func figures() -> ReplayView {
        let seen = watched.seen
        var view = view
        (view.taken, view.at, view.filling, view.recent) = (seen.taken, seen.newest, seen.filling, seen.recent)
        view.lag = view.isRunning ? Int(waiting) : 0
        let now = instant()
        samples.append((now, seen.taken))
        // The rate of the last two seconds.
        while samples.count > 2, samples[1].instant.duration(to: now) > .seconds(2) { samples.removeFirst() }
        if let first = samples.first, first.instant < now, view.isRunning {
            view.eventsPerSecond = Double(seen.taken - first.taken) / (first.instant.duration(to: now) / .seconds(1))
        }
        return view
    }

    /// Sends until the end of history, or until its task is cancelled.
    private func send(speed: Double?) async -> StorageError? {
        // Small pages: other callers of the same store come in between.
        let replay = ReplayPipeline(
            history: history, log: log, options: .init(speed: speed, pageSize: 500, maximumLag: 2000),
            lag: { await self.waiting })
        let before = view.sent
        do throws(StorageError) {
            let end = try await replay.run(from: offset, clock: ContinuousClock()) { progress in
                await self.note(progress, before: before)
            }
            note(end, before: before)
            if end.isComplete { offset = 0 }
            return nil
        } catch {
            return error
        }
    }

    /// Takes what is sent, until nothing more comes. Never cancelled: a batch that is given up would not come again.
    private func takeAll(of sending: Task<StorageError?, Never>) async {
        let end = Task { () -> StorageError? in
            let failure = await sending.value
            self.endSending()
            return failure
        }
        isSending = true
        var failure: StorageError?
        repeat {
            // Looked at first: what was sent until then is taken in this round.
            let isLast = !isSending
            failure = await take()
            if isLast || failure != nil { break }
        } while true
        if failure != nil { sending.cancel() }
        let sendingFailed = await end.value
        failure = failure ?? sendingFailed
        // What is in the log is passed over at the next start, and windows do not mind what is sent again.
        if failure != nil { (view.sent, offset) = (base.sent, base.offset) }
        (view.isRunning, view.failure, view.eventsPerSecond) = (false, failure?.description, 0)
        running = nil
    }

    private func endSending() { isSending = false }

    /// Takes until a look into the log finds nothing.
    private func take() async -> StorageError? {
        let stream = StreamPipeline(
            feed: feed, sessions: watched, options: .init(batchSize: 500, patience: .milliseconds(100)))
        do throws(StorageError) {
            _ = try await stream.run(until: .whenIdle, clock: ContinuousClock())
            return nil
        } catch {
            return error
        }
    }

    private var waiting: Int64 { Int64(max(0, (view.sent - base.sent) - (watched.seen.taken - base.taken))) }

    private func note(_ progress: ReplayProgress, before: Int) {
        offset = progress.nextOffset
        view.sent = before + progress.events
    }
}

/// Windows that tell what goes into them.
private final class WatchedSessions: SessionStore {
    struct Seen {
        var taken = 0
        var newest: Timestamp?
        var filling = [Int](repeating: 0, count: SessionState.capacity + 1)
        var recent: [ReplayView.Taken] = []
    }
    private struct State {
        var seen = Seen()
        var sizes: [UserID: UInt8] = [:]

        mutating func note(_ user: UserID, _ size: Int) {
            if let old = sizes[user] {
                seen.filling[Int(old)] -= 1
            } else if sizes.count >= WatchedReplay.mostWindows {
                return
            }
            sizes[user] = UInt8(size)
            seen.filling[size] += 1
        }
    }
    private static let mostRecent = 12
    private let base: any SessionStore
    private let state = Mutex(State())

    init(base: any SessionStore) { self.base = base }

    var seen: Seen { state.withLock { $0.seen } }

    func record(_ interactions: [Interaction]) async throws(StorageError) -> [UserID: SessionState] {
        let windows = try await base.record(interactions)
        state.withLock { state in
            // A visitor's own events go through the log too, and are seen here.
            state.seen.taken += interactions.count
            state.seen.newest = interactions.last?.timestamp ?? state.seen.newest
            let recent = interactions.suffix(Self.mostRecent).reversed().map {
                ReplayView.Taken(user: $0.user, item: $0.item, kind: $0.kind, timestamp: $0.timestamp)
            }
            state.seen.recent = Array((recent + state.seen.recent).prefix(Self.mostRecent))
            for (user, window) in windows { state.note(user, min(window.interactions.count, SessionState.capacity)) }
        }
        return windows
    }

    func add(_ interactions: [Interaction]) async throws(StorageError) { _ = try await record(interactions) }

    func states(of users: [UserID]) async throws(StorageError) -> [UserID: SessionState] {
        try await base.states(of: users)
    }
}
