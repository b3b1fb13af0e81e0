// The customers' profiles in memory.
import RecCore
import Synchronization

/// `UserDirectory` that forgets at the end of the process.
public final class InMemoryUserDirectory: UserDirectory {
    /// Decides which calls fail, and counts them.
    public let faults: FaultPlan
    private let profiles = Mutex<[UserID: UserProfile]>([:])

    /// A directory without customers.
    public init(faults: FaultPlan = FaultPlan()) { self.faults = faults }

    /// Everything held.
    public var content: [UserID: UserProfile] { profiles.withLock { $0 } }

    public func upsert(_ profiles: [UserProfile]) async throws(StorageError) {
        try faults.run("users.upsert") {
            self.profiles.withLock { held in
                for profile in profiles { held[profile.id] = profile }
            }
        }
    }

    public func profiles(of users: [UserID]) async throws(StorageError) -> [UserID: UserProfile] {
        try faults.run("users.profiles") {
            profiles.withLock { held in
                var found: [UserID: UserProfile] = [:]
                for user in users { found[user] = held[user] }
                return found
            }
        }
    }

    public func page(after id: UserID?, limit: Int) async throws(StorageError) -> [UserProfile] {
        try faults.run("users.page") {
            profiles.withLock { held in
                let sorted = held.values.sorted { $0.id.rawValue.utf8.lexicographicallyPrecedes($1.id.rawValue.utf8) }
                guard let id else { return Array(sorted.prefix(max(0, limit))) }
                let behind = sorted.drop { !id.rawValue.utf8.lexicographicallyPrecedes($0.id.rawValue.utf8) }
                return Array(behind.prefix(max(0, limit)))
            }
        }
    }

    public func remove(_ users: [UserID]) async throws(StorageError) {
        try faults.run("users.remove") {
            profiles.withLock { held in
                for user in users { held[user] = nil }
            }
        }
    }
}
