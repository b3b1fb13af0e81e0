// Bulk rows through COPY, and the count that tells whether they arrived.
import CPostgres
import RecCore

extension PostgresSession {
    /// Bytes that are handed to libpq at once. It holds no more than these: each part is sent before the next is made.
    private static let part = 64 * 1024

    /// Sends rows in COPY's binary format.
    ///
    /// What was sent says nothing; the server's count at the end does, and has to be the number of rows.
    /// - Parameters:
    ///   - statement: `COPY table (columns) FROM STDIN (FORMAT binary)`.
    ///   - columns: fields of a row.
    ///   - encode: appends the fields of one row. When it throws, nothing is stored.
    func copy<Rows: Collection>(
        _ rows: Rows, _ statement: String, columns: Int16,
        encode: (Rows.Element, inout PostgresBytes) throws -> Void
    ) throws {
        let deadline = deadline
        guard connection.withPointer({ PQsendQuery($0, statement) == 1 }) else { throw lost() }
        guard try answer(until: deadline).status == PGRES_COPY_IN else { throw lost() }
        var bytes = PostgresBytes()
        bytes.reserve(Self.part + 4096)
        // The signature, no flags, no extension.
        for byte in "PGCOPY\n".utf8 { bytes.append(byte) }
        for byte: UInt8 in [0xff, 0x0d, 0x0a, 0] { bytes.append(byte) }
        bytes.append(Int64(0))
        var sent = 0
        do {
            for row in rows {
                bytes.append(columns)
                try encode(row, &bytes)
                sent += 1
                if bytes.count >= Self.part { try put(&bytes, until: deadline) }
            }
        } catch {
            if !isBroken { _ = try? end("refused by the client", until: deadline) }
            throw error
        }
        bytes.append(Int16(-1))
        try put(&bytes, until: deadline)
        let stored = try end(nil, until: deadline)
        guard stored == sent else {
            throw StorageError(
                .rejected, operation: operation,
                reason: "\(sent) rows were sent and the server counted \(stored.map(String.init) ?? "none")")
        }
    }

    private func put(_ bytes: inout PostgresBytes, until deadline: ContinuousClock.Instant) throws(StorageError) {
        while true {
            let result = connection.withPointer { connection in
                bytes.bytes.withUnsafeBytes { bytes in
                    PQputCopyData(connection, bytes.bindMemory(to: CChar.self).baseAddress, Int32(bytes.count))
                }
            }
            guard result >= 0 else { throw failure(until: deadline) }
            try flush(until: deadline)
            if result == 1 { break }
        }
        bytes.removeAll()
    }

    /// Ends the COPY, as a failure when there is a reason. - Returns: rows that the server counted.
    @discardableResult
    private func end(_ reason: String?, until deadline: ContinuousClock.Instant) throws(StorageError) -> Int? {
        while true {
            let result = connection.withPointer { PQputCopyEnd($0, reason) }
            guard result >= 0 else { throw failure(until: deadline) }
            if result == 1 { break }
            try flush(until: deadline)
        }
        return try answer(until: deadline).affected
    }

    /// What the server said before it stopped listening.
    private func failure(until deadline: ContinuousClock.Instant) -> StorageError {
        do throws(StorageError) {
            try answer(until: deadline)
            return lost()
        } catch {
            return error
        }
    }
}
