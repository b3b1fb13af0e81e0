// What every session store must keep to.
import RecCore

/// The promises of `SessionStore` of RecCore.
public enum SessionStoreContract {
    /// - Parameter make: gives an empty store; it is called for each promise.
    /// - Throws: ``ContractViolation`` for the first promise that is broken, or the store's own error.
    public static func verify(_ make: () async throws -> any SessionStore) async throws {
        try await windowIsExactUnderAnyOrderAndRepetition(try await make())
        try await firstDeliveryWins(try await make())
        try await answersNameTheUsersTheyAreFor(try await make())
        try await everyValueComesBack(try await make())
        try await concurrentRecordsAddUp(try await make())
    }

    private static let check = ContractCheck(port: "SessionStore")

    private static func windowIsExactUnderAnyOrderAndRepetition(_ store: any SessionStore) async throws {
        let events = try (0..<25).map { try ContractEvents.event("e\($0)", minute: $0 / 2) }
        let expected = SessionState(events)
        var generator = SplitMix64(seed: 5)
        for _ in 0..<3 {
            var rest = events.shuffled(using: &generator)[...]
            while !rest.isEmpty {
                let batch = Array(rest.prefix(Int.random(in: 1...7, using: &generator)))
                rest = rest.dropFirst(batch.count)
                _ = try await store.record(batch)
                try await store.add(batch)
            }
        }
        let user = UserID("user")
        let found = try await store.states(of: [user])[user]
        try check.expect(
            "holds the newest \(SessionState.capacity) events whatever the order and repetition of delivery",
            found?.interactions.map { $0.event?.rawValue }, is: expected.interactions.map { $0.event?.rawValue })
    }

    private static func firstDeliveryWins(_ store: any SessionStore) async throws {
        let first = try ContractEvents.event("same", item: "first")
        _ = try await store.record([first])
        let answer = try await store.record([try ContractEvents.event("same", item: "second", minute: 5)])
        let promise = "an event id that is held already changes nothing"
        try check.expect(promise, answer[first.user]?.interactions, is: [first])
        let held = try await store.states(of: [first.user])
        try check.expect(promise, held[first.user]?.interactions, is: [first])
    }

    private static func answersNameTheUsersTheyAreFor(_ store: any SessionStore) async throws {
        let a = try ContractEvents.event("a", user: "a")
        let b = try ContractEvents.event("b", user: "b")
        _ = try await store.record([a])
        let answer = try await store.record([b])
        try check.expect("`record` answers with the users of its events and no other", Set(answer.keys), is: [b.user])
        let states = try await store.states(of: [a.user, UserID("nobody"), a.user])
        try check.expect("`states` leaves out users without a window", Set(states.keys), is: [a.user])
        let none = try await store.states(of: [])
        try check.expect("no users give no windows", none.isEmpty, found: "\(none.count) windows")
        _ = try await store.record([])
        _ = try await store.record([try ContractEvents.event(nil, user: "c")])
        let nameless = try await store.states(of: [UserID("c")])
        try check.expect(
            "interactions without an event id are passed over", nameless.isEmpty, found: "\(nameless.count) windows")
    }

    private static func everyValueComesBack(_ store: any SessionStore) async throws {
        let odd = try ContractEvents.odd()
        _ = try await store.record(odd)
        let states = try await store.states(of: odd.map(\.user))
        for event in odd {
            try check.expect("every field comes back as it was", states[event.user]?.interactions, is: [event])
        }
    }

    private static func concurrentRecordsAddUp(_ store: any SessionStore) async throws {
        let events = try (0..<40).map { try ContractEvents.event("e\($0)", minute: $0) }
        try await withThrowingTaskGroup { group in
            for event in events { group.addTask { _ = try await store.record([event]) } }
            try await group.waitForAll()
        }
        let user = UserID("user")
        let found = try await store.states(of: [user])
        try check.expect(
            "events recorded at the same time are all counted", found[user], is: SessionState(events))
    }
}
