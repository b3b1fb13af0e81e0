// Events for the tests of Kafka, and what their windows must be.
import RecCore
import Testing

/// A seeded generator: the same tests every time.
struct KafkaSeed: RandomNumberGenerator {
    private var state: UInt64
    init(_ seed: UInt64) { state = seed }
    mutating func next() -> UInt64 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return state ^ (state >> 29)
    }
}

enum KafkaEvents {
    /// Events of a few users at random times, many of them equal.
    static func make(_ count: Int, users: Int = 60, seed: UInt64 = 5, padding: Int = 0) throws -> [Interaction] {
        var generator = KafkaSeed(seed)
        let pad = String(repeating: "x", count: padding)
        return try (0..<count).map { number in
            try Interaction(
                event: EventID("e\(number)"), user: UserID("user \(Int.random(in: 0..<users, using: &generator))"),
                item: ItemID("item \(Int.random(in: 0..<500, using: &generator))\(pad)"), kind: .purchase,
                timestamp: Timestamp(milliseconds: Int64.random(in: 0..<2000, using: &generator)), weight: 1)
        }
    }

    /// Each user's window by brute force: all of their events, sorted.
    static func windows(_ events: [Interaction]) -> [UserID: [Interaction]] {
        Dictionary(grouping: Set(events), by: \.user).mapValues { events in
            let sorted = events.sorted { a, b in
                if a.timestamp != b.timestamp { return a.timestamp > b.timestamp }
                return Array((a.event?.rawValue ?? "").utf8).lexicographicallyPrecedes(
                    Array((b.event?.rawValue ?? "").utf8))
                    == false
            }
            return Array(sorted.prefix(10))
        }
    }

    /// Users whose window is not what brute force says.
    static func wrongWindows(_ store: any SessionStore, _ events: [Interaction]) async throws -> Int {
        let expected = windows(events)
        let found = try await store.states(of: Array(expected.keys))
        return expected.count { found[$0.key]?.interactions != $0.value }
    }
}
