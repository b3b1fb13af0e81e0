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
        var (offset, done, limit) = (Int64(0), Int64(0), pageSize)
        while !Task.isCancelled {
            let page = try await history.page(after: offset, limit: limit)
            guard !page.interactions.isEmpty else { break }
            guard let rows = ReplayPipeline.identified(page, after: offset) else {
                // Numbers are missing between these rows: fewer at a time tell their places.
                limit = max(1, min(limit, page.interactions.count) / 2)
                continue
            }
            try await sessions.add(Self.newest(of: rows))
            offset = page.nextOffset
            // Back to whole pages step by step: where numbers are missing, they often are again.
            limit = min(pageSize, limit * 2)
            done += Int64(rows.count)
            progress(done)
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
