// Windows of the last interactions, in memory.
import RecCore
import Synchronization

/// `SessionStore` that forgets at the end of the process.
public final class InMemorySessionStore: SessionStore, PersonalDataStore {
    /// Decides which calls fail, and counts them.
    public let faults: FaultPlan
    private let windows = Mutex<[UserID: SessionState]>([:])

    /// A store in which nobody has a window.
    public init(faults: FaultPlan = FaultPlan()) { self.faults = faults }

    public func record(_ interactions: [Interaction]) async throws(StorageError) -> [UserID: SessionState] {
        try faults.run("sessions.record") {
            windows.withLock { windows in
                var changed: [UserID: SessionState] = [:]
                for interaction in interactions {
                    windows[interaction.user, default: SessionState()].insert(interaction)
                    changed[interaction.user] = windows[interaction.user]
                }
                return changed
            }
        }
    }

    public func erase(_ user: UserID) async throws(StorageError) -> Int {
        try faults.run("sessions.erase") { windows.withLock { $0.removeValue(forKey: user) == nil ? 0 : 1 } }
    }

    public func states(of users: [UserID]) async throws(StorageError) -> [UserID: SessionState] {
        try faults.run("sessions.states") {
            windows.withLock { windows in
                var found: [UserID: SessionState] = [:]
                for user in users {
                    if let state = windows[user], !state.interactions.isEmpty { found[user] = state }
                }
                return found
            }
        }
    }
}
