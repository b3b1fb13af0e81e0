// The one SQLite file: opening, and the translation of its errors.
import Foundation
import GRDB
import RecCore

/// A pool of connections to the file. Calls suspend; SQLite runs on the pool's own queues.
struct StoreDatabase: Sendable {
    let pool: DatabasePool

    /// Opens or makes the file. WAL with `synchronous=FULL`: a committed event survives the loss of power.
    init(path: String) throws(StorageError) {
        do {
            var configuration = Configuration()
            configuration.label = "store"
            configuration.busyMode = .timeout(10)
            configuration.prepareDatabase { database in
                try database.execute(sql: "PRAGMA synchronous = FULL")
                // What is deleted is overwritten, as Debian's SQLite does by default: some of it is of persons.
                try database.execute(sql: "PRAGMA secure_delete = ON")
                // A full cache is never given back: this bounds what a server holds. A file that is larger is in the system's.
                try database.execute(sql: "PRAGMA cache_size = \(database.configuration.readonly ? -1_024 : -4_096)")
            }
            pool = try DatabasePool(path: path, configuration: configuration)
            try Self.migrator.migrate(pool)
        } catch {
            throw Self.storageError(error, "store.open")
        }
    }

    func write<T: Sendable>(
        _ operation: String, _ body: @escaping @Sendable (Database) throws -> T
    ) async throws(StorageError) -> T {
        do {
            return try await pool.write(body)
        } catch {
            throw Self.storageError(error, operation)
        }
    }

    func read<T: Sendable>(
        _ operation: String, _ body: @escaping @Sendable (Database) throws -> T
    ) async throws(StorageError) -> T {
        do {
            return try await pool.read(body)
        } catch {
            throw Self.storageError(error, operation)
        }
    }

    /// A write after which what it deleted is nowhere in the files: the journal is emptied too, but see ``emptyJournal()``.
    func erase<T: Sendable>(
        _ operation: String, _ body: @escaping @Sendable (Database) throws -> T
    ) async throws(StorageError) -> T {
        let result = try await write(operation, body)
        _ = await emptyJournal()
        return result
    }

    /// Brings everything into the one file and cuts the write-ahead log to nothing.
    /// - Returns: false when a long read or another writer was in the way for ten seconds: then what was deleted may still be read in the
    ///   log, or in pages of the file that it holds newer ones of.
    func emptyJournal() async -> Bool {
        (try? await pool.writeWithoutTransaction { try $0.checkpoint(.truncate) }) != nil
    }

    /// SQLite's result codes as ours. The texts hold SQLite's message, never bound values.
    static func storageError(_ error: any Error, _ operation: String) -> StorageError {
        if let error = error as? StorageError { return error }
        if error is RowDecodingError {
            return StorageError(.corrupt, operation: operation, reason: "a stored row holds a value of a wrong type")
        }
        guard let error = error as? DatabaseError else {
            return StorageError(.unavailable, operation: operation, reason: "\(error)")
        }
        let code: StorageError.Code =
            switch error.resultCode {
            case .SQLITE_CORRUPT, .SQLITE_NOTADB: .corrupt
            case .SQLITE_FULL: .full
            case .SQLITE_CONSTRAINT, .SQLITE_MISMATCH, .SQLITE_TOOBIG: .rejected
            default: .unavailable
            }
        return StorageError(code, operation: operation, reason: error.message ?? "SQLite error \(error.resultCode)")
    }
}

extension Row {
    /// A column as what it should be; subscripts of a row would end the process on a value of another type.
    func value<Value: DatabaseValueConvertible>(_ index: Int) throws -> Value { try decode(Value.self, atIndex: index) }
}

extension Interaction {
    /// From stored values, which were checked when they were written.
    static func stored(
        event: String?, user: String, item: String, kind: String, time: Int64, weight: Double,
        recommendation: String? = nil, operation: String
    ) throws -> Interaction {
        guard let kind = InteractionKind(kind),
            let interaction = try? Interaction(
                event: event.map(EventID.init), user: UserID(user), item: ItemID(item), kind: kind,
                timestamp: Timestamp(milliseconds: time), weight: Float(weight), recommendation: recommendation)
        else { throw StorageError(.corrupt, operation: operation, reason: "a stored row is not an interaction") }
        return interaction
    }
}
