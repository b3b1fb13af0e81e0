// The event log and its consumers, in memory.
import RecCore
import Synchronization

/// `InteractionLog` that forgets at the end of the process; ``feed(group:clock:)`` reads it.
public final class InMemoryLog: InteractionLog {
    /// Decides which calls fail, and counts them; those of the feeds too.
    public let faults: FaultPlan
    fileprivate struct State {
        var events: [Interaction] = []
        var committed: [String: Int64] = [:]
        var waiting: [Int: AsyncStream<Void>.Continuation] = [:]
        var nextNumber = 0
    }
    fileprivate let state = Mutex(State())

    /// An empty log.
    public init(faults: FaultPlan = FaultPlan()) { self.faults = faults }

    /// Everything appended, in order.
    public var events: [Interaction] { state.withLock { $0.events } }

    public func append(_ interactions: [Interaction]) async throws(StorageError) {
        try faults.run("log.append") {
            let waiting = state.withLock { state in
                state.events += interactions
                return state.waiting.values
            }
            for waiter in waiting { waiter.yield() }
        }
    }

    /// A consumer of a group. Another feed of the same group goes on where the last one acknowledged, as after a restart.
    public func feed(group: String, clock: any Clock<Duration> = ContinuousClock()) -> InMemoryFeed {
        InMemoryFeed(log: self, group: group, clock: clock)
    }
}

/// `SkippingFeed` of an ``InMemoryLog``.
public actor InMemoryFeed: SkippingFeed {
    private let log: InMemoryLog
    private let group: String
    private let clock: any Clock<Duration>
    private var position: Int64?

    init(log: InMemoryLog, group: String, clock: any Clock<Duration>) {
        (self.log, self.group, self.clock) = (log, group, clock)
    }

    public func nextBatch(atMost count: Int, within: Duration) async throws(StorageError) -> InteractionBatch? {
        // Signals come from appends and, once, from the clock.
        let (signals, signal) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
        let number = log.state.withLock { state in
            state.nextNumber += 1
            state.waiting[state.nextNumber] = signal
            return state.nextNumber
        }
        let clock = clock
        let alarm = Task {
            try? await clock.sleep(for: within)
            signal.finish()
        }
        defer {
            alarm.cancel()
            log.state.withLock { $0.waiting[number] = nil }
        }
        if let batch = try read(atMost: count) { return batch }
        for await _ in signals {
            if let batch = try read(atMost: count) { return batch }
        }
        return try read(atMost: count)
    }

    private func read(atMost count: Int) throws(StorageError) -> InteractionBatch? {
        let (group, position) = (group, position)
        let batch = try log.faults.run("feed.next") {
            log.state.withLock { state -> InteractionBatch? in
                let start = min(Int(position ?? state.committed[group] ?? 0), state.events.count)
                let end = min(start + max(1, count), state.events.count)
                guard start < end else { return nil }
                return InteractionBatch(interactions: Array(state.events[start..<end]), nextOffset: Int64(end))
            }
        }
        if let batch { self.position = batch.nextOffset }
        return batch
    }

    public func skipToEnd() async throws(StorageError) {
        let group = group
        position = try log.faults.run("feed.skip") {
            log.state.withLock { state in
                state.committed[group] = Int64(state.events.count)
                return Int64(state.events.count)
            }
        }
    }

    public func acknowledge(_ batch: InteractionBatch) async throws(StorageError) {
        let group = group
        try log.faults.run("feed.acknowledge") {
            log.state.withLock { state in
                state.committed[group] = max(state.committed[group] ?? 0, batch.nextOffset)
            }
        }
    }
}
