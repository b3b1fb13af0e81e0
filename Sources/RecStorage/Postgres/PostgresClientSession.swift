// libpq without a call that blocks: every wait is a poll with a deadline.
import CPostgres
import Foundation
import RecCore

enum PostgresConnectionObject: CObject {
    static func destroy(_ pointer: OpaquePointer) { PQfinish(pointer) }
}

/// A connection and what is done on it. Used by one ``PostgresClient`` and never outside its thread.
final class PostgresSession {
    let connection: CHandle<PostgresConnectionObject>
    /// What errors say was tried.
    var operation: String
    /// Set when the connection must not be used again.
    private(set) var isBroken = false
    private var statementTimeout: Duration
    /// Added to the statement timeout: the server gives up first, and the connection stays good.
    private static let grace = Duration.seconds(1)

    /// Connects, and sets the limits that the server keeps for us.
    /// - Throws: `.unavailable` when the server cannot be reached or refuses, `.timeout` when it does not answer in time,
    ///   `.conflict` for a database that is not in UTF-8.
    init(_ configuration: PostgresConfiguration, operation: String) throws(StorageError) {
        let statement = configuration.statementTimeout.wholeMilliseconds
        // What stands before `dbname`, which brings the whole connection text, may be set otherwise in it; what stands behind may not.
        let settings: [(String, String)] = [
            ("keepalives", "1"), ("keepalives_idle", "15"), ("keepalives_interval", "5"), ("keepalives_count", "3"),
            ("tcp_user_timeout", String(min(statement, 60_000))),
            ("fallback_application_name", "recommendation-platform"),
            ("dbname", configuration.connection), ("client_encoding", "UTF8"),
        ]
        let started = Self.withCStrings(settings.map(\.0)) { keywords in
            Self.withCStrings(settings.map(\.1)) { values in PQconnectStartParams(keywords, values, 1) }
        }
        guard let started else {
            throw StorageError(.unavailable, operation: operation, reason: "no memory for a connection")
        }
        connection = CHandle(started)
        self.operation = operation
        statementTimeout = configuration.statementTimeout
        // Without a receiver libpq writes notices, which may quote rows, to the process's standard error.
        _ = PQsetNoticeReceiver(started, { _, _ in }, nil)

        let deadline = ContinuousClock.now + configuration.connectTimeout
        var state = PQstatus(started) == CONNECTION_BAD ? PGRES_POLLING_FAILED : PGRES_POLLING_WRITING
        while state != PGRES_POLLING_OK {
            if state == PGRES_POLLING_FAILED { throw refusal() }
            _ = try wait(for: state == PGRES_POLLING_READING ? POLLIN : POLLOUT, until: deadline)
            state = connection.withPointer { PQconnectPoll($0) }
        }
        guard PQsetnonblocking(started, 1) == 0 else { throw lost() }
        let encoding = PQparameterStatus(started, "server_encoding").map { String(cString: $0) } ?? "unknown"
        guard encoding == "UTF8" else {
            throw StorageError(
                .conflict, operation: operation, reason: "the database is in \(encoding); it has to be in UTF8")
        }
        try script(
            """
            SET statement_timeout = \(statement); SET idle_in_transaction_session_timeout = \(statement);
            SET default_transaction_isolation = 'read committed'
            """)
        // The statement of a program that was ended would hold its locks until it is done. Not every system can look after that.
        do { try script("SET client_connection_check_interval = '2s'") } catch { if isBroken { throw error } }
    }

    /// For the statement that is sent now.
    var deadline: ContinuousClock.Instant { ContinuousClock.now + statementTimeout + Self.grace }

    // MARK: - Statements

    /// One statement with bound values; its rows come in binary format.
    @discardableResult
    func query(_ statement: String, _ values: [PostgresValue] = []) throws -> PostgresResult {
        var packed = PostgresBytes()
        var ends: [Int] = []
        for value in values {
            try packed.append(value)
            ends.append(packed.count)
        }
        guard packed.count <= Int(Int32.max) else {
            throw StorageError(.rejected, operation: operation, reason: "a statement's values exceed 2 GiB")
        }
        let types = values.map { Oid($0.type) }
        let formats = [Int32](repeating: 1, count: values.count)
        let lengths = ends.indices.map { Int32(ends[$0] - ($0 == 0 ? 0 : ends[$0 - 1])) }
        // An empty text is a pointer to no bytes, and no pointer is NULL: one byte more, so that there is a place to point to.
        packed.append(UInt8(0))
        let isSent = connection.withPointer { connection in
            packed.bytes.withUnsafeBytes { bytes in
                let places = ends.indices.map { index in
                    bytes.baseAddress.map {
                        ($0 + (index == 0 ? 0 : ends[index - 1])).assumingMemoryBound(to: CChar.self)
                    }
                }
                return PQsendQueryParams(
                    connection, statement, Int32(values.count), types, places, lengths, formats, 1) == 1
            }
        }
        guard isSent else { throw lost() }
        return try answer(until: deadline)
    }

    /// Statements without values, one after the other.
    func script(_ statements: String) throws(StorageError) {
        guard connection.withPointer({ PQsendQuery($0, statements) == 1 }) else { throw lost() }
        try answer(until: deadline)
    }

    /// A transaction: all of `body` or nothing of it.
    ///
    /// A connection that is lost while the server commits is a `.timeout`: whether it did is unknown.
    func transaction<T>(_ body: (PostgresSession) throws -> T) throws -> T {
        try script("BEGIN")
        let value: T
        do {
            value = try body(self)
        } catch {
            if !isBroken { try? script("ROLLBACK") }
            throw error
        }
        do {
            guard connection.withPointer({ PQsendQuery($0, "COMMIT") == 1 }) else { throw lost() }
            let answer = try answer(until: deadline)
            guard answer.command == "COMMIT" else {
                throw StorageError(.unavailable, operation: operation, reason: "the transaction was rolled back")
            }
        } catch {
            guard isBroken else { throw error }
            throw StorageError(
                .timeout, operation: operation,
                reason: "the connection to PostgreSQL was lost while it committed; whether it did is unknown")
        }
        return value
    }

    /// Gives each statement of `body` another limit, at the server and here. Only in a transaction: the server's ends with it.
    func limited<T>(to limit: Duration, _ body: () throws -> T) throws -> T {
        try script("SET LOCAL statement_timeout = \(limit.wholeMilliseconds)")
        let usual = statementTimeout
        statementTimeout = limit
        defer { statementTimeout = usual }
        return try body()
    }

    // MARK: - Waiting

    /// Sends what libpq holds, then reads to the end of the answer.
    /// - Returns: the last result, or the one that begins a COPY.
    @discardableResult
    func answer(until deadline: ContinuousClock.Instant) throws(StorageError) -> PostgresResult {
        try flush(until: deadline)
        var last: PostgresResult?
        var failure: StorageError?
        while let result = try nextResult(until: deadline) {
            switch result.status {
            case PGRES_COPY_IN: return result
            // Nothing here asks for these; the connection would be stuck in them.
            case PGRES_COPY_OUT, PGRES_COPY_BOTH: throw lost()
            case PGRES_COMMAND_OK, PGRES_TUPLES_OK, PGRES_EMPTY_QUERY: last = result
            default: failure = failure ?? result.failure
            }
        }
        if connection.withPointer({ PQstatus($0) }) != CONNECTION_OK { isBroken = true }
        if let failure { throw failure }
        guard let last else { throw lost() }
        return last
    }

    /// The next result; `nil` behind the last one.
    private func nextResult(until deadline: ContinuousClock.Instant) throws(StorageError) -> PostgresResult? {
        while connection.withPointer({ PQisBusy($0) }) == 1 {
            _ = try wait(for: POLLIN, until: deadline)
            guard connection.withPointer({ PQconsumeInput($0) }) == 1 else {
                // The connection is closed, so that this does not wait: it gives the server's last words.
                isBroken = true
                break
            }
        }
        return connection.withPointer { PQgetResult($0) }.map { PostgresResult($0, operation: operation) }
    }

    /// Hands everything that libpq holds to the system, taking in meanwhile what the server says.
    func flush(until deadline: ContinuousClock.Instant) throws(StorageError) {
        while true {
            let rest = connection.withPointer { PQflush($0) }
            if rest == 0 { return }
            guard rest > 0 else { throw lost() }
            let ready = try wait(for: POLLIN | POLLOUT, until: deadline)
            if ready & ~Int16(POLLOUT) != 0, connection.withPointer({ PQconsumeInput($0) }) == 0 { throw lost() }
        }
    }

    private func wait(for events: Int32, until deadline: ContinuousClock.Instant) throws(StorageError) -> Int16 {
        while true {
            let left = ContinuousClock.now.duration(to: deadline)
            guard left > .zero else {
                isBroken = true
                throw StorageError(.timeout, operation: operation, reason: "PostgreSQL did not answer in time")
            }
            var descriptor = pollfd(fd: connection.withPointer { PQsocket($0) }, events: Int16(events), revents: 0)
            guard descriptor.fd >= 0 else { throw lost() }
            let count = poll(&descriptor, 1, min(left.wholeMilliseconds, 3_600_000))
            if count > 0 { return descriptor.revents }
            if count < 0, errno != EINTR { throw lost() }
        }
    }

    // MARK: - State

    /// Whether the next block of statements may use the connection.
    var isReusable: Bool { !isBroken && connection.withPointer { PQtransactionStatus($0) } == PQTRANS_IDLE }

    /// Whether the connection is still there, as far as this side knows: a server that closed it was heard.
    var isAlive: Bool {
        guard isReusable else { return false }
        return connection.withPointer { pointer in
            // A server that ends the connection says so first: what it said and the end are two readings.
            while true {
                var descriptor = pollfd(fd: PQsocket(pointer), events: Int16(POLLIN), revents: 0)
                guard poll(&descriptor, 1, 0) != 0 else { return true }
                guard PQconsumeInput(pointer) == 1, PQstatus(pointer) == CONNECTION_OK else { return false }
            }
        }
    }

    /// Gives the connection up. - Returns: what to throw.
    func lost() -> StorageError {
        isBroken = true
        return StorageError(.unavailable, operation: operation, reason: "the connection to PostgreSQL was lost")
    }

    /// Why no connection was made. libpq's text names host, port and role, and never the password.
    private func refusal() -> StorageError {
        isBroken = true
        let text = connection.withPointer { PQerrorMessage($0).map { String(cString: $0) } } ?? ""
        let lines = text.split(separator: "\n").prefix(2).map { $0.trimmingCharacters(in: .whitespaces) }
        return StorageError(
            .unavailable, operation: operation,
            reason: lines.isEmpty ? "PostgreSQL cannot be reached" : String(lines.joined(separator: " ").prefix(400)))
    }

    /// What is wrong with a connection text, without a word of it; `nil` = nothing.
    static func problem(ofConnectionText text: String) -> String? {
        guard !text.isEmpty, !text.utf8.contains(0) else { return "the connection text is empty or holds NUL" }
        guard let options = PQconninfoParse(text, nil) else {
            return "the connection text is neither `keyword=value ...` nor a postgresql:// URL that libpq reads"
        }
        PQconninfoFree(options)
        return nil
    }

    private static func withCStrings<T>(
        _ texts: [String], _ body: (UnsafePointer<UnsafePointer<CChar>?>) -> T?
    ) -> T? {
        let copies = texts.map { strdup($0) }
        defer { for copy in copies { free(copy) } }
        let pointers = copies.map { UnsafePointer($0) } + [nil]
        return pointers.withUnsafeBufferPointer { $0.baseAddress.flatMap(body) }
    }
}
