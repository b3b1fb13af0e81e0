// What every store that can forget a person must keep to.
import RecCore

/// The promises of ``RecCore/PersonalDataStore``, by the port that the store keeps beside it.
public enum PersonalDataContract {
    /// - Parameter make: gives an empty store.
    /// - Throws: ``ContractViolation`` for the first promise that is broken, or the store's own error.
    public static func verifyHistory(_ make: () async throws -> any InteractionStore & PersonalDataStore) async throws {
        for users in [["a", "b"], ["b", "a", "a", "b", "a"], ["a", "a"], ["b", "a"], ["a", "c", "b", "a", "c"]] {
            let store = try await make()
            let rows = try users.enumerated().map { place, user in
                try ContractEvents.event(
                    place % 2 == 0 ? "e\(place)" : nil, user: user, item: "i\(place)", minute: place)
            }
            // Two writes: the user is in both.
            let added = [
                try await store.append(Array(rows.prefix(2))), try await store.append(Array(rows.dropFirst(2))),
            ]
            try check.expect("all is held before", added.reduce(0, +), is: rows.count)
            let before = try await places(store)

            let none = try await store.erase(UserID("nobody"))
            let first = try await store.erase(UserID("a"))
            let again = try await store.erase(UserID("a"))

            try check.expect(
                "`erase` answers how many rows went, once", [none, first, again],
                is: [0, users.count { $0 == "a" }, 0])
            let left = try await places(store)
            try check.expect(
                "rows of others stay, each in its place", left.map { "\($0.place) \($0.row)" },
                is: before.filter { $0.row.user != UserID("a") }.map { "\($0.place) \($0.row)" })
            let count = try await store.count()
            try check.expect("`count` does not count what was erased", count, is: left.count)
            var numbered: [UserID] = []
            var known: [UserID] = []
            var reader = store.numberedReader()
            while let page = try await reader.next(limit: 2) {
                known += page.newUsers
                numbered += page.users.map { known[Int($0)] }
            }
            try check.expect("a numbered reader gives the others' rows", numbered, is: left.map(\.row.user))
            try check.expect("no reader names the user", !known.contains(UserID("a")), found: "\(known)")

            let back = try await store.append([rows[users.firstIndex(of: "a") ?? 0]])
            try check.expect("an erased event that comes again is new", back, is: 1)
            let all = try await places(store)
            try check.expect("the user may come back", all.last?.row.user, is: UserID("a"))
            try check.expect(
                "new rows stand behind all that ever was", (all.last?.place ?? 0) > (before.last?.place ?? 0),
                found: "\(all.last?.place ?? 0)")
        }
    }

    /// - Parameter make: gives an empty store.
    public static func verifyWindows(_ make: () async throws -> any SessionStore & PersonalDataStore) async throws {
        let store = try await make()
        let (a, b) = (try ContractEvents.event("e", user: "a"), try ContractEvents.event("e", user: "ab"))
        _ = try await store.record([a, b])
        let counts = [
            try await store.erase(UserID("nobody")), try await store.erase(a.user), try await store.erase(a.user),
        ]
        try check.expect("`erase` answers how many windows went, once", counts, is: [0, 1, 0])
        let left = try await store.states(of: [a.user, b.user])
        try check.expect("windows of others stay", Set(left.keys), is: [b.user])
        let back = try await store.record([a])
        try check.expect("the user may come back", back[a.user]?.interactions, is: [a])
    }

    /// - Parameter make: gives an empty log.
    public static func verifyImpressions(_ make: () async throws -> any ImpressionLog & PersonalDataStore) async throws
    {
        let log = try await make()
        let shown = [
            try ImpressionLogContract.impression(1, user: "a"), try ImpressionLogContract.impression(2, user: "b"),
            try ImpressionLogContract.impression(3, user: nil), try ImpressionLogContract.impression(4, user: "a"),
        ]
        try await log.append(shown)
        try await log.append(
            outcomes: ["r1", "r2"].map {
                Outcome(
                    recommendation: $0, item: ItemID("i"), kind: .click, timestamp: ContractEvents.start, weight: 1,
                    event: EventID("e"))
            })
        let second = try await log.page(after: 0, limit: 2).nextOffset

        let counts = [
            try await log.erase(UserID("nobody")), try await log.erase(UserID("a")), try await log.erase(UserID("a")),
        ]

        try check.expect("`erase` answers how many impressions and outcomes went, once", counts, is: [0, 3, 0])
        let left = try await log.page(after: 0, limit: 9).impressions
        try check.expect("impressions of others stay", left, is: [shown[1], shown[2]])
        let behind = try await log.page(after: second, limit: 9).impressions
        try check.expect("offsets stay", behind, is: [shown[2]])
        let outcomes = try await log.outcomes(of: ["r1", "r2"])
        try check.expect("outcomes go with their impression, and no others", Set(outcomes.keys), is: ["r2"])
    }

    private static let check = ContractCheck(port: "PersonalDataStore")

    /// Every row, and the offset behind it.
    private static func places(_ store: any InteractionStore) async throws -> [(place: Int64, row: Interaction)] {
        var found: [(place: Int64, row: Interaction)] = []
        var offset: Int64 = 0
        while true {
            let page = try await store.page(after: offset, limit: 1)
            guard let row = page.interactions.first else { return found }
            offset = page.nextOffset
            found.append((offset, row))
        }
    }
}
