// The customers' profiles in SQLite.
import GRDB
import RecCore

/// `UserDirectory` on the store file; attributes as one JSON object a row.
public struct EmbeddedUserDirectory: UserDirectory {
    private let database: StoreDatabase
    init(database: StoreDatabase) { self.database = database }

    public func upsert(_ profiles: [UserProfile]) async throws(StorageError) {
        guard !profiles.isEmpty else { return }
        try await database.write("users.upsert") { database in
            let statement = try database.cachedStatement(
                sql: "INSERT OR REPLACE INTO profile (id, attributes) VALUES (?, ?)")
            for profile in profiles {
                try statement.execute(arguments: [profile.id.rawValue, try AttributeText.encode(profile.attributes)])
            }
        }
    }

    public func profiles(of users: [UserID]) async throws(StorageError) -> [UserID: UserProfile] {
        try await database.read("users.profiles") { database in
            let statement = try database.cachedStatement(sql: "SELECT id, attributes FROM profile WHERE id = ?")
            var found: [UserID: UserProfile] = [:]
            for user in Set(users) {
                if let row = try Row.fetchOne(statement, arguments: [user.rawValue]) {
                    found[user] = try Self.profile(row, "users.profiles")
                }
            }
            return found
        }
    }

    public func page(after id: UserID?, limit: Int) async throws(StorageError) -> [UserProfile] {
        try await database.read("users.page") { database in
            let statement = try database.cachedStatement(
                sql: "SELECT id, attributes FROM profile WHERE id > ? ORDER BY id LIMIT ?")
            return try Row.fetchAll(statement, arguments: [id?.rawValue ?? "", max(0, limit)]).map {
                try Self.profile($0, "users.page")
            }
        }
    }

    public func remove(_ users: [UserID]) async throws(StorageError) {
        try await database.write("users.remove") { database in
            let statement = try database.cachedStatement(sql: "DELETE FROM profile WHERE id = ?")
            for user in users { try statement.execute(arguments: [user.rawValue]) }
        }
    }

    private static func profile(_ row: Row, _ operation: String) throws -> UserProfile {
        UserProfile(id: UserID(try row.value(0)), attributes: try AttributeText.decode(row.value(1), operation))
    }
}
