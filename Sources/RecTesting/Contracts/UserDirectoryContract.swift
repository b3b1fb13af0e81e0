// What every directory of customers must keep to.
import RecCore

/// The promises of `UserDirectory` of RecCore.
public enum UserDirectoryContract {
    /// - Parameter make: gives an empty directory; it is called for each promise.
    /// - Throws: ``ContractViolation`` for the first promise that is broken, or the directory's own error.
    public static func verify(_ make: () async throws -> any UserDirectory) async throws {
        try await profilesComeBackAsTheyWereGiven(try await make())
        try await lastWriteWins(try await make())
        try await pagesFollowTheBytesOfIDs(try await make())
        try await removedProfilesAreGone(try await make())
    }

    private static let check = ContractCheck(port: "UserDirectory")

    private static func profile(_ id: String, _ attributes: [String: String] = ["age": "30"]) -> UserProfile {
        UserProfile(id: UserID(id), attributes: attributes)
    }

    private static func profilesComeBackAsTheyWereGiven(_ users: any UserDirectory) async throws {
        let profiles = [
            profile("a", ["name": "O'Brien \"B\"\n{}", "größe": "λ"]), profile("b'; --", [:]),
            profile(String(repeating: "x", count: 255)),
        ]
        try await users.upsert([])
        try await users.upsert(profiles)
        let found = try await users.profiles(of: profiles.map(\.id) + [UserID("unknown"), profiles[0].id])
        try check.expect("profiles come back whole; unknown ids are absent", Set(found.values), is: Set(profiles))
        try check.expect("the answer has one entry an id", Set(found.keys), is: Set(profiles.map(\.id)))
    }

    private static func lastWriteWins(_ users: any UserDirectory) async throws {
        let id = UserID("a")
        try await users.upsert([profile("a", ["old": "1"]), profile("a", ["newer": "2"])])
        let within = try await users.profiles(of: [id])
        try check.expect("within a batch the last profile of an id wins", within[id]?.attributes, is: ["newer": "2"])
        try await users.upsert([profile("a", ["newest": "3"])])
        let across = try await users.profiles(of: [id])
        try check.expect("a later batch replaces a profile, all of it", across[id]?.attributes, is: ["newest": "3"])
    }

    private static func pagesFollowTheBytesOfIDs(_ users: any UserDirectory) async throws {
        let ids = ["10", "9", "a", "B", "é", "z", "λ", "🧦", "aa", "a b"]
        try await users.upsert(ids.map { profile($0) })
        var found: [String] = []
        var last: UserID?
        while true {
            let page = try await users.page(after: last, limit: 3)
            guard let end = page.last else { break }
            try check.expect("a page holds at most `limit`", page.count <= 3, found: "\(page.count)")
            found += page.map(\.id.rawValue)
            last = end.id
        }
        try check.expect(
            "pages give every profile once, in the order of the UTF-8 bytes of ids", found,
            is: ids.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) })
    }

    private static func removedProfilesAreGone(_ users: any UserDirectory) async throws {
        try await users.upsert([profile("a"), profile("b")])
        try await users.remove([UserID("a"), UserID("unknown")])
        let found = try await users.page(after: nil, limit: 10)
        try check.expect("`remove` removes what it names and nothing else", found.map(\.id.rawValue), is: ["b"])
    }
}
