// Windows made anew from history: after the loss of Redis, or before the first event.
import RecCore

extension Stores {
    /// Puts every row of history into the windows, in pages. Windows are sets: it may be repeated, and run beside the stream
    /// processors.
    /// - Parameters:
    ///   - pageSize: rows in memory at a time.
    ///   - progress: rows done.
    /// - Returns: rows of history.
    public func rebuildWindows(
        pageSize: Int = 200_000, progress: @Sendable (Int64) -> Void
    ) async throws(StorageError) -> Int64 {
        let rows = NamedHistory(history, pageSize: pageSize)
        var done: Int64 = 0
        var page: NamedHistory.Page?
        while !Task.isCancelled {
            let next = try await rows.page(after: page?.nextOffset ?? 0, behind: page)
            guard !next.interactions.isEmpty else { break }
            try await sessions.add(Self.newest(of: next.interactions))
            done += Int64(next.interactions.count)
            progress(done)
            page = next
        }
        return done
    }

    /// The events of each user that can be in its window: the others of the page are older than ten of them.
    private static func newest(of rows: [Interaction]) -> [Interaction] {
        var windows: [UserID: SessionState] = [:]
        for row in rows { windows[row.user, default: SessionState()].insert(row) }
        return windows.values.flatMap(\.interactions)
    }
}
