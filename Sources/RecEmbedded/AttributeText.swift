// Attributes of items and customers as the store file holds them.
import Foundation
import RecCore

/// Attributes as the store file holds them: one JSON object with sorted keys.
enum AttributeText {
    static func encode(_ attributes: [String: String]) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(attributes), as: UTF8.self)
    }

    static func decode(_ text: String, _ operation: String) throws -> [String: String] {
        guard let attributes = try? JSONDecoder().decode([String: String].self, from: Data(text.utf8)) else {
            throw StorageError(.corrupt, operation: operation, reason: "stored attributes are not JSON")
        }
        return attributes
    }
}
