// Made-up events for tests of Redis, and a way to wait for it.
import RecCore
import Synchronization

enum RedisStreams {
    static let start = 1_700_000_000_000

    /// An event whose item tells whose it is.
    static func event(_ number: Int, of user: String, time: Int? = nil) throws -> Interaction {
        try Interaction(
            event: EventID("\(user)-\(number)"), user: UserID(user), item: ItemID("of \(user)"), kind: .view,
            timestamp: Timestamp(milliseconds: Int64(start + (time ?? number * 1000))))
    }

    /// A user's events, in which equal times, far-away times and kinds of a shop's own occur.
    static func stream(of user: String, using generator: inout SplitMix64) throws -> [Interaction] {
        let kinds = ["view", "cart", "purchase", "rating", "wish-list"].compactMap(InteractionKind.init)
        return try (0..<Int.random(in: 1...40, using: &generator)).map { number in
            try Interaction(
                event: EventID("\(Int.random(in: 0...9, using: &generator))-\(user)-\(number)"), user: UserID(user),
                item: ItemID("of \(user) \(number)"),
                kind: kinds.randomElement(using: &generator) ?? .view,
                timestamp: Timestamp(milliseconds: Int64(start + Int.random(in: -9...9, using: &generator) * 60_000)),
                weight: Bool.random(using: &generator) ? 1 : Float.random(in: 0.001...1000, using: &generator))
        }
    }

    /// Events, some of them twice or three times, in disorder.
    static func delivered(_ events: [Interaction], using generator: inout SplitMix64) -> [Interaction] {
        let repeated = events.flatMap { Array(repeating: $0, count: Int.random(in: 1...3, using: &generator)) }
        return repeated.shuffled(using: &generator)
    }
}

/// Asks again and again, until the answer is yes or the time is up.
func comesTrue(within limit: Duration, _ condition: () async throws -> Bool) async rethrows -> Bool {
    let end = ContinuousClock.now + limit
    while ContinuousClock.now < end {
        if try await condition() { return true }
        guard (try? await ContinuousClock().sleep(for: .milliseconds(1))) != nil else { return false }
    }
    return false
}

extension SessionState {
    /// Whether every event is one of the user's own.
    func isAll(of user: UserID) -> Bool {
        interactions.allSatisfy { $0.user == user && $0.item.rawValue.hasPrefix("of \(user)") }
    }
}

/// A count that many tasks share.
final class Tally: Sendable {
    private let value = Mutex(0)
    var count: Int { value.withLock { $0 } }
    func add(_ number: Int) { value.withLock { $0 += number } }
}
