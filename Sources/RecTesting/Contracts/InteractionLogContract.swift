// What every event log and its consumers must keep to.
import RecCore

/// The promises of `InteractionLog` and `InteractionFeed` of RecCore, which are two ends of one thing.
public enum InteractionLogContract {
    /// An empty log and a way to its consumers.
    public struct Subject: Sendable {
        /// The producer's side.
        public let log: any InteractionLog
        /// A new consumer of a group; a second one of the same group stands for the first after a restart.
        public let feed: @Sendable (_ group: String) async throws -> any InteractionFeed
        /// - Parameters:
        ///   - log: empty.
        ///   - feed: makes a consumer of a group.
        public init(
            log: any InteractionLog, feed: @escaping @Sendable (_ group: String) async throws -> any InteractionFeed
        ) {
            (self.log, self.feed) = (log, feed)
        }
    }

    /// - Parameters:
    ///   - patience: how long a feed may take to give out what was appended.
    ///   - make: gives an empty log; it is called for each promise.
    /// - Throws: ``ContractViolation`` for the first promise that is broken, or the log's own error.
    public static func verify(patience: Duration = .seconds(10), _ make: () async throws -> Subject) async throws {
        try await eventsComeInOrder(try await make(), patience)
        try await unacknowledgedBatchesComeAgain(try await make(), patience)
        try await groupsDoNotSeeEachOther(try await make(), patience)
        try await everyValueComesBack(try await make(), patience)
        try await emptyFeedAnswersInTime(try await make())
        try await appendWakesAWaitingFeed(try await make(), patience)
    }

    private static let check = ContractCheck(port: "InteractionLog, InteractionFeed")

    /// Reads until `count` events came or `patience` is over, acknowledging as told.
    private static func read(
        _ count: Int, of feed: any InteractionFeed, atMost size: Int = 100, within patience: Duration,
        acknowledging: Bool = false
    ) async throws -> [Interaction] {
        var events: [Interaction] = []
        while events.count < count, let batch = try await feed.nextBatch(atMost: size, within: patience) {
            try check.expect(
                "a batch holds 1 to `atMost` events", (1...size).contains(batch.interactions.count),
                found: "\(batch.interactions.count)")
            events += batch.interactions
            if acknowledging { try await feed.acknowledge(batch) }
        }
        return events
    }

    private static func eventsComeInOrder(_ subject: Subject, _ patience: Duration) async throws {
        let events = try (0..<30).map { try ContractEvents.event("e\($0)", minute: -$0) }
        try await subject.log.append([])
        try await subject.log.append(Array(events.prefix(7)))
        try await subject.log.append(Array(events.dropFirst(7)))
        let found = try await read(30, of: try await subject.feed("g"), atMost: 4, within: patience)
        try check.expect(
            "a feed gives one user's events once, in the order they were appended", found.map { $0.event?.rawValue },
            is: events.map { $0.event?.rawValue })
    }

    private static func unacknowledgedBatchesComeAgain(_ subject: Subject, _ patience: Duration) async throws {
        let events = try (0..<6).map { try ContractEvents.event("e\($0)") }
        try await subject.log.append(events)
        let before = try await subject.feed("g")
        guard let first = try await before.nextBatch(atMost: 2, within: patience),
            let second = try await before.nextBatch(atMost: 2, within: patience)
        else {
            throw ContractViolation(port: check.port, promise: "appended events come", found: "no batch")
        }
        try await before.acknowledge(second)
        try await before.acknowledge(first)
        let gone = first.interactions.count + second.interactions.count
        _ = try await before.nextBatch(atMost: 1, within: patience)
        let after = try await read(6 - gone, of: try await subject.feed("g"), within: patience)
        try check.expect(
            "after a restart a feed goes on behind the newest acknowledged batch", after.map { $0.event?.rawValue },
            is: events.dropFirst(gone).map { $0.event?.rawValue })
    }

    private static func groupsDoNotSeeEachOther(_ subject: Subject, _ patience: Duration) async throws {
        let events = try (0..<3).map { try ContractEvents.event("e\($0)") }
        try await subject.log.append(events)
        _ = try await read(3, of: try await subject.feed("a"), within: patience, acknowledging: true)
        let other = try await read(3, of: try await subject.feed("b"), within: patience)
        try check.expect("every group gets every event", other.count, is: 3)
    }

    private static func everyValueComesBack(_ subject: Subject, _ patience: Duration) async throws {
        let answered = try Interaction(
            event: EventID("seen"), user: UserID("user"), item: ItemID("item"), kind: .click,
            timestamp: ContractEvents.start, recommendation: "answer \"1\" / 🧦")
        let odd = try ContractEvents.odd() + [answered]
        try await subject.log.append(odd)
        let found = try await read(odd.count, of: try await subject.feed("g"), within: patience)
        try check.expect("every field comes back as it was", Set(found), is: Set(odd))
    }

    private static func emptyFeedAnswersInTime(_ subject: Subject) async throws {
        let feed = try await subject.feed("g")
        let batch = try await feed.nextBatch(atMost: 1, within: .milliseconds(1))
        try check.expect("without events `nextBatch` answers nil", batch == nil, found: "a batch")
    }

    private static func appendWakesAWaitingFeed(_ subject: Subject, _ patience: Duration) async throws {
        let feed = try await subject.feed("g")
        async let waiting = feed.nextBatch(atMost: 1, within: patience)
        try await subject.log.append([try ContractEvents.event("late")])
        let batch = try await waiting
        try check.expect(
            "an event that is appended while a feed waits reaches it", batch?.interactions.first?.event?.rawValue,
            is: "late")
    }
}
