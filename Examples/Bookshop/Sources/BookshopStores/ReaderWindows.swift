// Each reader's last events, in memory; made again from the ledger when the shop opens.
import RecCore

/// `SessionStore` that needs no file: what it holds is the end of what the ledger holds.
public actor ReaderWindows: SessionStore {
    private var windows: [UserID: SessionState] = [:]

    public init() {}

    /// The windows that the ledger's events make.
    public init(of ledger: SalesLedger) async throws(StorageError) {
        var offset: Int64 = 0
        while true {
            let page = try await ledger.page(after: offset, limit: 10_000)
            guard !page.interactions.isEmpty else { return }
            insert(page.interactions)
            offset = page.nextOffset
        }
    }

    private func insert(_ interactions: [Interaction]) {
        for interaction in interactions { windows[interaction.user, default: SessionState()].insert(interaction) }
    }

    public func record(_ interactions: [Interaction]) async throws(StorageError) -> [UserID: SessionState] {
        insert(interactions)
        return windows(of: interactions.map(\.user))
    }

    public func states(of users: [UserID]) async throws(StorageError) -> [UserID: SessionState] { windows(of: users) }

    private func windows(of users: [UserID]) -> [UserID: SessionState] {
        var found: [UserID: SessionState] = [:]
        for user in users {
            if let window = windows[user], !window.interactions.isEmpty { found[user] = window }
        }
        return found
    }
}
