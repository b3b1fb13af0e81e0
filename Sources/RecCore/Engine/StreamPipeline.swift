// From the event log to windows and history: the order of the steps of a stream processor.

/// What a stream processor did.
public struct StreamReport: Sendable, Hashable {
    /// Batches whose effect is durable and acknowledged.
    public var batches = 0
    /// Events of those batches, repetitions by the log included.
    public var events = 0
    /// Events that history did not hold before; 0 without a history.
    public var added = 0
    /// Calls that failed and were made again.
    public var retries = 0
    /// Nothing done yet.
    public init() {}
}

/// Takes events from a feed, puts them into the windows (and into history), and only then acknowledges them.
///
/// The feed delivers at least once; windows are sets cut to their greatest elements and history holds an event id once,
/// so a batch that is done twice leaves what doing it once leaves. Events without an event id are the exception:
/// history holds them as often as they are delivered. A store that cannot be reached is asked again until it answers,
/// for as long as it takes; the feed is not asked for more in the meantime, and nothing is acknowledged.
public struct StreamPipeline: Sendable {
    /// Sizes and patience.
    public struct Options: Sendable, Hashable {
        /// Events of one batch at most.
        public var batchSize: Int
        /// How long one look into the feed waits for events; also how soon the end of the feed and a cancellation are
        /// noticed.
        public var patience: Duration
        /// The waits between repetitions of a call that failed.
        public var backoff: RetryBackoff

        /// A batch of less than one event becomes one of one.
        public init(
            batchSize: Int = 1000, patience: Duration = .milliseconds(500), backoff: RetryBackoff = RetryBackoff()
        ) {
            (self.batchSize, self.patience, self.backoff) = (max(1, batchSize), patience, backoff)
        }
    }

    /// When a run ends by itself.
    public enum End: Sendable {
        /// Never: when its task is cancelled.
        case whenCancelled
        /// When a look into the feed finds nothing, or the task is cancelled.
        case whenIdle
    }

    private let feed: any InteractionFeed
    private let sessions: any SessionStore
    private let history: (any InteractionStore)?
    private let impressions: (any ImpressionLog)?
    private let options: Options
    private let repetition: Repetition

    /// - Parameters:
    ///   - feed: gives the events.
    ///   - sessions: the windows.
    ///   - history: `nil` = windows only.
    ///   - impressions: told what became of answers that events name; `nil` = nobody is.
    ///   - options: sizes and patience.
    ///   - failed: told of each call that failed and will be made again.
    public init(
        feed: any InteractionFeed, sessions: any SessionStore, history: (any InteractionStore)? = nil,
        impressions: (any ImpressionLog)? = nil, options: Options = Options(),
        failed: (@Sendable (StorageError) -> Void)? = nil
    ) {
        (self.feed, self.sessions, self.history, self.options) = (feed, sessions, history, options)
        self.impressions = impressions
        repetition = Repetition(backoff: options.backoff, attempts: .max, failed: failed)
    }

    /// Works until the end. A cancelled run finishes the batch in hand; one that waits for a store gives the batch up,
    /// and the log delivers it again.
    /// - Parameters:
    ///   - end: when the run ends by itself.
    ///   - clock: what waits between repetitions.
    ///   - progress: told after every acknowledged batch.
    /// - Throws: the first error that is not ``StorageError/isRetryable``; the batch in hand is not acknowledged.
    public func run(
        until end: End = .whenCancelled, clock: some Clock<Duration>,
        progress: (@Sendable (StreamReport) -> Void)? = nil
    ) async throws(StorageError) -> StreamReport {
        var report = StreamReport()
        while !Task.isCancelled {
            let next = try await repetition.call(&report.retries, clock) { () throws(StorageError) in
                try await feed.nextBatch(atMost: options.batchSize, within: options.patience)
            }
            guard let next else { break }
            guard let batch = next else {
                if end == .whenIdle { break }
                continue
            }
            let added = try await repetition.call(&report.retries, clock) { () throws(StorageError) -> Int in
                try await sessions.add(batch.interactions)
                let outcomes = batch.interactions.compactMap { Outcome($0) }
                if !outcomes.isEmpty { try await impressions?.append(outcomes: outcomes) }
                guard let history else { return 0 }
                let new = batch.interactions.filter { !NamedHistory.isOfHistory($0) }
                return new.isEmpty ? 0 : try await history.append(new)
            }
            guard let added else { break }
            let isAcknowledged = try await repetition.call(&report.retries, clock) { () throws(StorageError) -> Bool in
                try await feed.acknowledge(batch)
                return true
            }
            guard isAcknowledged != nil else { break }
            report.batches += 1
            report.events += batch.interactions.count
            report.added += added
            progress?(report)
        }
        return report
    }
}
