// The list of settings for programs, such as the one that writes Docs/Configuration.md.
import Foundation

extension StorageSettings {
    private struct Wire: Encodable {
        let name: String
        let meaning: String
        let isSecret: Bool
        let standard: String?
        private enum CodingKeys: String, CodingKey {
            case name, meaning
            case isSecret = "secret"
            case standard = "default"
        }
    }

    /// Every setting as JSON, in the order of ``all``: `name`, `meaning`, `secret`, and `default` where there is one. No values.
    public static var json: String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        let wire = all.map {
            Wire(name: $0.name, meaning: $0.meaning, isSecret: $0.isSecret, standard: $0.standard)
        }
        // Texts and truth values: there is nothing that cannot be encoded.
        return (try? encoder.encode(wire)).map { String(decoding: $0, as: UTF8.self) } ?? "[]"
    }
}
