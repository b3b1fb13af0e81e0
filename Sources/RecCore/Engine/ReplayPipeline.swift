// From history to the event log: the event generator.

/// How far a replay is.
public struct ReplayProgress: Sendable, Hashable {
    /// Everything of history up to this offset is in the log; give it to ``ReplayPipeline/run(from:clock:progress:)``
    /// to go on.
    public var nextOffset: Int64
    /// Events sent by this run.
    public var events = 0
    /// Calls that failed and were made again.
    public var retries = 0
    /// Whether the end of history was reached.
    public var isComplete = false
    /// - Parameter nextOffset: where the run begins; 0 = the start of history.
    public init(nextOffset: Int64) { self.nextOffset = nextOffset }
}

/// Sends history to the event log, in the order it was stored, at a multiple of its own speed or as fast as possible.
///
/// Stored order is the time order of the files that history was loaded from; where it is not, an event whose time lies
/// before that of its predecessor is sent at once after it.
///
/// Rows of history that have no event id get one that is made of their place (``NamedHistory``): the same row
/// is the same event in every run, so a replay that is repeated or resumed changes no window.
public struct ReplayPipeline: Sendable {
    /// Speed and sizes.
    public struct Options: Sendable, Hashable {
        /// Seconds of history that pass in one second; `nil` = as fast as possible.
        public var speed: Double?
        /// Rows read and events sent at a time.
        public var pageSize: Int
        /// Events that may wait for the consumers before the replay waits for them; it needs a lag function.
        public var maximumLag: Int64
        /// How long to wait before the lag is looked at again.
        public var lagInterval: Duration
        /// The waits between repetitions of a call that failed.
        public var backoff: RetryBackoff
        /// How often a failing call is made again before the replay gives up.
        public var attempts: Int

        /// A speed that is not a finite number above zero means as fast as possible.
        public init(
            speed: Double? = nil, pageSize: Int = 50_000, maximumLag: Int64 = 100_000,
            lagInterval: Duration = .milliseconds(100), backoff: RetryBackoff = RetryBackoff(), attempts: Int = 20
        ) {
            self.speed = speed.flatMap { $0.isFinite && $0 > 0 ? $0 : nil }
            (self.pageSize, self.maximumLag) = (max(1, pageSize), max(0, maximumLag))
            (self.lagInterval, self.backoff, self.attempts) = (lagInterval, backoff, max(1, attempts))
        }
    }

    /// Events of one moment are sent together with those that are due within this time.
    private static let tick = Duration.milliseconds(20)

    private let history: NamedHistory
    private let log: any InteractionLog
    private let options: Options
    private let lag: (@Sendable () async throws(StorageError) -> Int64)?
    private let repetition: Repetition

    /// - Parameters:
    ///   - history: what is sent.
    ///   - log: where it is sent.
    ///   - options: speed and sizes.
    ///   - lag: how many events the consumers have not taken yet; `nil` = they are not waited for.
    ///   - failed: told of each call that failed and will be made again.
    public init(
        history: any InteractionStore, log: any InteractionLog, options: Options = Options(),
        lag: (@Sendable () async throws(StorageError) -> Int64)? = nil,
        failed: (@Sendable (StorageError) -> Void)? = nil
    ) {
        self.history = NamedHistory(history, pageSize: options.pageSize)
        (self.log, self.options, self.lag) = (log, options, lag)
        repetition = Repetition(backoff: options.backoff, attempts: options.attempts, failed: failed)
    }

    /// Sends everything behind an offset. A cancelled run ends after the events in hand and tells where to go on.
    /// - Parameters:
    ///   - offset: ``ReplayProgress/nextOffset`` of an earlier run; 0 = the start of history.
    ///   - clock: what paces the events and waits between repetitions.
    ///   - report: told whenever the log holds more; a caller that keeps it can resume after a crash.
    /// - Throws: the first error that repetition does not mend; what was told to `report` is in the log.
    public func run(
        from offset: Int64 = 0, clock: some Clock<Duration>,
        progress report: (@Sendable (ReplayProgress) async -> Void)? = nil
    ) async throws(StorageError) -> ReplayProgress {
        var progress = ReplayProgress(nextOffset: offset)
        var pacer = Pacer(clock: clock, speed: options.speed)
        guard var page = try await nextPage(&progress, clock, behind: nil, offset, ahead: nil) else { return progress }
        while !Task.isCancelled {
            guard !page.interactions.isEmpty else {
                progress.isComplete = true
                break
            }
            let (sent, place) = (page, page.nextOffset)
            // The next page is read while this one is sent.
            async let next = Self.read(history, after: place, behind: sent)
            var start = 0
            while start < page.interactions.count {
                guard let end = await pacer.waitForNext(of: page.interactions, from: start, within: Self.tick),
                    try await waitForConsumers(&progress, clock)
                else { return progress }
                let events =
                    start == 0 && end == page.interactions.count
                    ? page.interactions[...] : page.interactions[start..<end]
                let isSent = try await repetition.call(&progress.retries, clock) { () throws(StorageError) -> Bool in
                    try await log.append(Array(events))
                    return true
                }
                guard isSent != nil else { return progress }
                start = end
                progress.events += events.count
                progress.nextOffset = page.firstOffset + Int64(end) - 1
                await report?(progress)
                if Task.isCancelled { return progress }
            }
            guard let found = try await nextPage(&progress, clock, behind: page, place, ahead: await next) else {
                return progress
            }
            page = found
        }
        return progress
    }

    /// The next page; `nil` = the task was cancelled before it was read.
    /// - Parameter ahead: what was read already.
    private func nextPage(
        _ progress: inout ReplayProgress, _ clock: some Clock<Duration>, behind page: NamedHistory.Page?,
        _ offset: Int64, ahead: Result<NamedHistory.Page, StorageError>?
    ) async throws(StorageError) -> NamedHistory.Page? {
        var ahead = ahead
        return try await repetition.call(&progress.retries, clock) { () throws(StorageError) in
            if let read = ahead.take() { return try read.get() }
            return try await history.page(after: offset, behind: page)
        }
    }

    private static func read(
        _ history: NamedHistory, after offset: Int64, behind page: NamedHistory.Page
    ) async -> Result<NamedHistory.Page, StorageError> {
        do throws(StorageError) {
            return .success(try await history.page(after: offset, behind: page))
        } catch {
            return .failure(error)
        }
    }

    /// Whether the replay may go on; false = cancelled.
    private func waitForConsumers(
        _ progress: inout ReplayProgress, _ clock: some Clock<Duration>
    ) async throws(StorageError) -> Bool {
        guard let lag else { return true }
        while true {
            guard let waiting = try await repetition.call(&progress.retries, clock, lag) else { return false }
            if waiting <= options.maximumLag { return true }
            do { try await clock.sleep(for: options.lagInterval) } catch { return false }
        }
    }
}

/// Waits until events are due.
private struct Pacer<Time: Clock> where Time.Duration == Duration {
    let clock: Time
    let speed: Double?
    /// When the first event was sent, and its time.
    private var start: (instant: Time.Instant, time: Timestamp)?

    init(clock: Time, speed: Double?) { (self.clock, self.speed) = (clock, speed) }

    private func due(_ event: Interaction, _ speed: Double, since time: Timestamp) -> Duration {
        let milliseconds = Double(event.timestamp.milliseconds) - Double(time.milliseconds)
        // A century is for ever; it keeps the number within a duration.
        return .milliseconds(Int64(min(max(0, milliseconds / speed), 3e12)))
    }

    /// Waits until event `first` is due. Returns the end of the events that go with it; `nil` = the task was cancelled.
    mutating func waitForNext(of events: [Interaction], from first: Int, within tick: Duration) async -> Int? {
        guard let speed else { return events.count }
        let start = start ?? (clock.now, events[first].timestamp)
        self.start = start
        let wait = due(events[first], speed, since: start.time)
        do {
            if start.instant.advanced(by: wait) > clock.now {
                try await clock.sleep(until: start.instant.advanced(by: wait), tolerance: nil)
            }
        } catch {
            return nil
        }
        let passed = max(wait, start.instant.duration(to: clock.now)) + tick
        var end = first + 1
        while end < events.count, due(events[end], speed, since: start.time) <= passed { end += 1 }
        return end
    }
}
