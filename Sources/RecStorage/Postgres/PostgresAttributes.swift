// Attributes of items and customers as JSON.
import Foundation
import RecCore

/// One JSON object a row.
enum PostgresAttributes {
    /// Rows to be written: one an id, in parts that fit a statement.
    struct Rows: Sendable {
        let rows: [(id: String, attributes: String)]
        private static let mostRows = 5_000
        var parts: [ArraySlice<(id: String, attributes: String)>] {
            stride(from: 0, to: rows.count, by: Self.mostRows).map {
                rows[$0..<min(rows.count, $0 + Self.mostRows)]
            }
        }
    }

    /// The last of each id, in the order of these. A statement must not touch a row twice.
    static func lastOfEach<Value>(
        _ values: [Value], _ operation: String, id: (Value) -> String, _ attributes: (Value) -> [String: String]
    ) throws(StorageError) -> Rows {
        // By bytes: texts that are equal to Swift may be two ids.
        var seen: Set<[UInt8]> = []
        var rows: [(String, String)] = []
        for value in values.reversed() where seen.insert(Array(id(value).utf8)).inserted {
            rows.append((id(value), try encode(attributes(value), operation)))
        }
        return Rows(rows: rows.reversed())
    }

    private static func encode(_ attributes: [String: String], _ operation: String) throws(StorageError) -> String {
        guard !attributes.contains(where: { $0.key.utf8.contains(0) || $0.value.utf8.contains(0) }) else {
            throw StorageError(
                .rejected, operation: operation,
                reason: "an attribute holds the character NUL, which PostgreSQL cannot keep")
        }
        guard let data = try? JSONEncoder().encode(attributes) else {
            throw StorageError(.rejected, operation: operation, reason: "attributes cannot be written as JSON")
        }
        return String(decoding: data, as: UTF8.self)
    }

    static func decode(_ text: String, _ operation: String) throws(StorageError) -> [String: String] {
        guard let attributes = try? JSONDecoder().decode([String: String].self, from: Data(text.utf8)) else {
            throw StorageError(
                .corrupt, operation: operation, reason: "stored attributes are not an object of texts")
        }
        return attributes
    }
}
