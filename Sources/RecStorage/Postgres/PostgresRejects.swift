// Rows that a bulk load refused, where whoever answers for the data looks.
import RecCore

/// The table `reject`: source, line and reason, nothing of the row itself. A row that is noted twice is there once.
public struct PostgresRejects: Sendable {
    private let pool: PostgresPool
    init(_ pool: PostgresPool) { self.pool = pool }

    /// Notes rows of a source. Before the chunk that they belong to is stored: so none is missing after a crash.
    /// - Parameters:
    ///   - rows: the line in the file (1 = the header) and the reason.
    ///   - source: the file's name.
    public func add(_ rows: [(line: Int64, reason: String)], of source: String) async throws(StorageError) {
        guard !rows.isEmpty else { return }
        let (lines, reasons) = (rows.map(\.line), rows.map { Optional($0.reason) })
        try await pool.transaction("rejects.add") { session in
            _ = try session.query(
                """
                INSERT INTO reject (source, line, reason) SELECT $1, line, reason FROM unnest($2, $3) AS given (line, reason)
                ON CONFLICT (source, line) DO NOTHING
                """, [.text(source), .integers(lines), .texts(reasons)])
            return
        }
    }
}
