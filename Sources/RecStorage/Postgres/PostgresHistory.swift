// History in PostgreSQL: plain rows, numbered in the order they were committed.
import RecCore

/// `InteractionStore` on the table `history`.
///
/// Writers wait for each other on the one row of `history_state`, which holds the last position: positions grow in the order of
/// commits, and a reader that goes on behind a position misses nothing. Rows without an event id go straight into the table by
/// COPY; they have no natural key, and their identity is the source and its checkpoint. Rows with one go through a temporary
/// table, and those that are held already stay behind there.
public struct PostgresHistory: InteractionStore, PersonalDataStore {
    private let pool: PostgresPool
    init(_ pool: PostgresPool) { self.pool = pool }

    /// Rows of one COPY: what the statement timeout is for. A call with more rows makes several, in one transaction.
    private static let mostRows = 100_000

    public func append(_ interactions: [Interaction]) async throws(StorageError) -> Int {
        guard !interactions.isEmpty else { return 0 }
        return try await pool.transaction("history.append") { session in
            try Self.store(interactions, behind: try Self.lock(session), session)
        }
    }

    public func load(
        _ interactions: [Interaction], from previous: SourcePosition?, to position: SourcePosition
    ) async throws(StorageError) {
        try await pool.transaction("history.load") { session in
            let last = try Self.lock(session)
            guard try Self.position(of: position.source, session) == previous,
                previous.map({ $0.source == position.source }) ?? true
            else {
                throw StorageError(
                    .conflict, operation: "history.load",
                    reason: "source \(position.source) stands elsewhere than the caller")
            }
            _ = try Self.store(interactions, behind: last, session)
            try session.query(
                """
                INSERT INTO source (name, fingerprint, records, rejected) VALUES ($1, $2, $3, $4)
                ON CONFLICT (name) DO UPDATE SET
                    fingerprint = excluded.fingerprint, records = excluded.records, rejected = excluded.rejected
                """,
                [
                    .text(position.source), .text(position.fingerprint), .integer(position.records),
                    .integer(position.rejected),
                ])
        }
    }

    public func position(of source: String) async throws(StorageError) -> SourcePosition? {
        try await pool.run("history.position") { session in try Self.position(of: source, session) }
    }

    public func page(after offset: Int64, limit: Int) async throws(StorageError) -> HistoryPage {
        try await pool.run("history.page") { session in
            let rows = try session.query(
                """
                SELECT position, event_id, user_id, item_id, kind, time, weight FROM history
                WHERE position > $1 ORDER BY position LIMIT $2
                """,
                [.integer(offset), .integer(Int64(max(0, limit)))])
            var interactions: [Interaction] = []
            interactions.reserveCapacity(rows.count)
            for row in 0..<rows.count { interactions.append(try Self.interaction(rows, row)) }
            return HistoryPage(
                interactions: interactions,
                nextOffset: rows.count == 0 ? offset : try rows.integer(rows.count - 1, 0))
        }
    }

    public func count() async throws(StorageError) -> Int {
        try await pool.run("history.count") { session in
            Int(try session.query("SELECT row_count FROM history_state").integer(0, 0))
        }
    }

    /// Other writers wait meanwhile; rows without an event id are in no index of users, so all of them are looked at.
    public func erase(_ user: UserID) async throws(StorageError) -> Int {
        try await pool.transaction("history.erase") { session in
            try session.limited(to: PostgresStore.erasureLimit) {
                _ = try Self.lock(session)
                return try session.query("DELETE FROM history WHERE user_id = $1", [.text(user.rawValue)]).affected ?? 0
            }
        }
    }

    // MARK: - Inside a transaction

    /// Waits until no other writer is under way. - Returns: the last position that is taken.
    private static func lock(_ session: PostgresSession) throws -> Int64 {
        let state = try session.query("SELECT last_position FROM history_state FOR UPDATE")
        guard state.count == 1 else {
            throw StorageError(.corrupt, operation: session.operation, reason: "the row of history_state is missing")
        }
        return try state.integer(0, 0)
    }

    /// Stores rows behind a position, without those whose event is held. - Returns: how many were new.
    private static func store(
        _ interactions: [Interaction], behind last: Int64, _ session: PostgresSession
    ) throws -> Int {
        guard !interactions.isEmpty else { return 0 }
        var new = interactions.count
        if interactions.allSatisfy({ $0.event == nil }) {
            try copy(interactions, into: "history", behind: last, session)
        } else {
            try session.script(
                """
                CREATE TEMPORARY TABLE IF NOT EXISTS history_staging (
                    position bigint, time timestamptz, weight real, kind text COLLATE "C", user_id text COLLATE "C",
                    item_id text COLLATE "C", event_id text COLLATE "C") ON COMMIT DELETE ROWS
                """)
            try copy(interactions, into: "pg_temp.history_staging", behind: last, session)
            let added = try session.query(
                """
                INSERT INTO history (position, time, weight, kind, user_id, item_id, event_id)
                SELECT position, time, weight, kind, user_id, item_id, event_id
                FROM pg_temp.history_staging ORDER BY position
                ON CONFLICT (user_id, event_id) WHERE event_id IS NOT NULL DO NOTHING
                """)
            guard let count = added.affected else {
                throw StorageError(.corrupt, operation: session.operation, reason: "the server counted no rows")
            }
            new = count
        }
        try session.query(
            "UPDATE history_state SET last_position = last_position + $1, row_count = row_count + $2",
            [.integer(Int64(interactions.count)), .integer(Int64(new))])
        return new
    }

    private static func copy(
        _ interactions: [Interaction], into table: StaticString, behind last: Int64, _ session: PostgresSession
    ) throws {
        let statement = """
            COPY \(table) (position, time, weight, kind, user_id, item_id, event_id) FROM STDIN (FORMAT binary)
            """
        for start in stride(from: 0, to: interactions.count, by: mostRows) {
            var position = last + Int64(start)
            let part = interactions[start..<min(interactions.count, start + mostRows)]
            try session.copy(part, statement, columns: 7) { interaction, bytes in
                position += 1
                bytes.append(field: position)
                bytes.append(field: interaction.timestamp)
                bytes.append(field: interaction.weight.bitPattern)
                try bytes.append(field: interaction.kind.rawValue)
                try bytes.append(field: interaction.user.rawValue)
                try bytes.append(field: interaction.item.rawValue)
                try bytes.append(field: interaction.event?.rawValue)
            }
        }
    }

    private static func position(of source: String, _ session: PostgresSession) throws -> SourcePosition? {
        let rows = try session.query(
            "SELECT fingerprint, records, rejected FROM source WHERE name = $1", [.text(source)])
        guard rows.count > 0 else { return nil }
        return SourcePosition(
            source: source, fingerprint: try rows.text(0, 0), records: try rows.integer(0, 1),
            rejected: try rows.integer(0, 2))
    }

    private static func interaction(_ rows: PostgresResult, _ row: Int) throws -> Interaction {
        guard let kind = InteractionKind(try rows.text(row, 4)),
            let interaction = try? Interaction(
                event: try rows.optionalText(row, 1).map(EventID.init), user: UserID(try rows.text(row, 2)),
                item: ItemID(try rows.text(row, 3)), kind: kind, timestamp: try rows.time(row, 5),
                weight: try rows.real(row, 6))
        else {
            throw StorageError(.corrupt, operation: "history.page", reason: "a stored row is not an interaction")
        }
        return interaction
    }
}
