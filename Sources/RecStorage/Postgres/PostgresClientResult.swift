// What a statement answered, as Swift values.
import CPostgres
import Foundation
import RecCore

enum PostgresResultObject: CObject {
    static func destroy(_ pointer: OpaquePointer) { PQclear(pointer) }
}

/// Rows in binary format. Values are checked: what is not of the type that is asked for is `.corrupt`, never a trap.
final class PostgresResult {
    private let handle: CHandle<PostgresResultObject>
    private let operation: String
    /// Rows of the answer.
    let count: Int

    init(_ pointer: OpaquePointer, operation: String) {
        handle = CHandle(pointer)
        self.operation = operation
        count = Int(PQntuples(pointer))
    }

    var status: ExecStatusType { handle.withPointer { PQresultStatus($0) } }

    /// Rows that the server says it wrote; `nil` when it says nothing.
    var affected: Int? { handle.withPointer { pointer in PQcmdTuples(pointer).flatMap { Int(String(cString: $0)) } } }

    /// The statement as the server names it: `COMMIT`, `ROLLBACK`, `COPY 5`.
    var command: String { handle.withPointer { pointer in PQcmdStatus(pointer).map { String(cString: $0) } ?? "" } }

    /// The failure that the answer is. Details, hints and contexts are left where they are: they hold rows.
    var failure: StorageError {
        handle.withPointer { pointer in
            func field(_ code: Character) -> String? {
                PQresultErrorField(pointer, Int32(code.asciiValue ?? 0)).map { String(cString: $0) }
            }
            guard let state = field("C") else {
                return StorageError(
                    .unavailable, operation: operation, reason: "the connection to PostgreSQL was lost")
            }
            return StorageError(
                PostgresFailure.code(of: state), operation: operation,
                reason: PostgresFailure.reason(state: state, message: field("M") ?? "", constraint: field("n")))
        }
    }

    func isNull(_ row: Int, _ column: Int) -> Bool {
        handle.withPointer { PQgetisnull($0, Int32(row), Int32(column)) != 0 }
    }

    func text(_ row: Int, _ column: Int) throws(StorageError) -> String {
        guard let text = try optionalText(row, column) else { throw wrong(column) }
        return text
    }

    func optionalText(_ row: Int, _ column: Int) throws(StorageError) -> String? {
        if isNull(row, column) { return nil }
        let text = try withBytes(row, column) { String(validating: $0, as: UTF8.self) }
        guard let text else { throw wrong(column) }
        return text
    }

    func integer(_ row: Int, _ column: Int) throws(StorageError) -> Int64 {
        Int64(bitPattern: try word(row, column, UInt64.self))
    }

    func boolean(_ row: Int, _ column: Int) throws(StorageError) -> Bool { try word(row, column, UInt8.self) != 0 }

    func real(_ row: Int, _ column: Int) throws(StorageError) -> Float {
        Float(bitPattern: try word(row, column, UInt32.self))
    }

    /// A `timestamptz`. What lies between milliseconds was written by somebody else; it is cut off.
    func time(_ row: Int, _ column: Int) throws(StorageError) -> Timestamp {
        let microseconds = try integer(row, column)
        let (quotient, rest) = microseconds.quotientAndRemainder(dividingBy: 1000)
        return Timestamp(milliseconds: (rest < 0 ? quotient - 1 : quotient) &+ PostgresBytes.millisecondsTo2000)
    }

    private func word<Word: FixedWidthInteger>(
        _ row: Int, _ column: Int, _ type: Word.Type
    ) throws(StorageError) -> Word {
        let word = try withBytes(row, column) { bytes -> Word? in
            guard bytes.count == MemoryLayout<Word>.size else { return nil }
            return bytes.reduce(0) { $0 << 8 | Word($1) }
        }
        guard let word else { throw wrong(column) }
        return word
    }

    private func withBytes<T>(
        _ row: Int, _ column: Int, _ body: (UnsafeBufferPointer<UInt8>) -> T
    ) throws(StorageError) -> T {
        let (row, column) = (Int32(row), Int32(column))
        let value: T? = handle.withPointer { pointer -> T? in
            guard PQgetisnull(pointer, row, column) == 0, let bytes = PQgetvalue(pointer, row, column) else {
                return nil
            }
            let count = Int(PQgetlength(pointer, row, column))
            return bytes.withMemoryRebound(to: UInt8.self, capacity: count) {
                body(UnsafeBufferPointer(start: $0, count: count))
            }
        }
        guard let value else { throw wrong(Int(column)) }
        return value
    }

    private func wrong(_ column: Int) -> StorageError {
        StorageError(
            .corrupt, operation: operation, reason: "column \(column + 1) of a stored row holds a value of a wrong type"
        )
    }
}
