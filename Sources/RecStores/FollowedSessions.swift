// Windows that a stream processor fills as well.
import RecCore

/// For an engine whose log is read by stream processors: an event that the log holds is accepted, although its window cannot be
/// written now. The processor writes it as soon as the store is back; until then answers do not know it.
struct FollowedSessions: SessionStore {
    let base: any SessionStore

    func record(_ interactions: [Interaction]) async throws(StorageError) -> [UserID: SessionState] {
        try await base.record(interactions)
    }

    func add(_ interactions: [Interaction]) async throws(StorageError) {
        do {
            try await base.add(interactions)
        } catch {
            guard error.isRetryable || error.code == .full else { throw error }
        }
    }

    func states(of users: [UserID]) async throws(StorageError) -> [UserID: SessionState] {
        try await base.states(of: users)
    }
}
