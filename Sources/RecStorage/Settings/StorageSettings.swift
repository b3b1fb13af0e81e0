// Where the networked stores are and how to reach them, from flags, environment, a file and defaults.
import Foundation

/// One named setting of the stores.
public struct StorageSetting: Sendable, Hashable {
    /// As in the environment and in a file: `REC_REDIS_URL`.
    public let name: String
    /// What it is for, and what a value looks like.
    public let meaning: String
    /// Secrets are never shown, and may be given as `NAME_FILE`, the path of a file that holds the value.
    public let isSecret: Bool
    /// The value where nothing is set; `nil` = none.
    public let standard: String?

    /// - Parameters:
    ///   - name: as in the environment.
    ///   - meaning: what it is for, and what a value looks like.
    ///   - isSecret: whether its value is never shown.
    ///   - standard: the default; `nil` = none.
    public init(_ name: String, _ meaning: String, isSecret: Bool = false, standard: String? = nil) {
        (self.name, self.meaning, self.isSecret, self.standard) = (name, meaning, isSecret, standard)
    }
}

/// The values of the settings and where each came from: flags over environment over file over defaults.
public struct StorageSettings: Sendable {
    /// Every setting there is; another name is a mistake.
    public static let all = [
        StorageSetting(
            "REC_POSTGRES_URL", "Catalogue, customers, history: postgresql://user@host/database", isSecret: true),
        StorageSetting("REC_REDIS_URL", "Windows: redis://host:port/database or unix:/path", isSecret: true),
        StorageSetting(
            "REC_REDIS_DAYS", "Days after its last write after which a window is forgotten; without it, never"),
        StorageSetting("REC_KAFKA_BROKERS", "Event log: host:port,host:port"),
        StorageSetting("REC_KAFKA_TOPIC", "Topic of the events", standard: "rec-events"),
        StorageSetting("REC_KAFKA_DEAD_LETTERS", "Topic of what cannot be read", standard: "rec-events-dead"),
        StorageSetting("REC_KAFKA_GROUP", "Consumer group of the stream processors", standard: "rec-process"),
        StorageSetting(
            "REC_KAFKA_PROPERTIES", "Further librdkafka properties: name=value;name=value (SASL, TLS)", isSecret: true),
    ]

    /// What is wrong, all of it at once.
    public struct Problems: Error, Sendable, CustomStringConvertible {
        /// One sentence each.
        public let texts: [String]
        /// - Parameter texts: one sentence each, none of them empty.
        public init(texts: [String]) { self.texts = texts }
        public var description: String { texts.joined(separator: "\n") }
    }

    private var values: [String: (text: String, origin: String)] = [:]

    /// - Parameters:
    ///   - flags: by setting name; they win.
    ///   - environment: the process' own.
    ///   - file: path of a file of lines `NAME=value`; `#` begins a comment line. `REC_CONFIG` in the environment names one too.
    /// - Throws: ``Problems`` with every unknown name, doubled secret and unreadable file.
    public init(flags: [String: String] = [:], environment: [String: String], file: String? = nil) throws(Problems) {
        var problems: [String] = []
        let known = Set(Self.all.map(\.name) + Self.all.filter(\.isSecret).map { $0.name + "_FILE" })
        for name in flags.keys.sorted() where !known.contains(name) { problems.append("no setting is called \(name)") }
        for name in environment.keys.sorted() where Self.isOurs(name, known) {
            problems.append("the environment sets \(name), but no setting is called so")
        }
        let path = file ?? environment["REC_CONFIG"]
        let lines = path.map { Self.read($0, known, &problems) } ?? [:]
        for setting in Self.all {
            let sources = [("a flag", flags), ("the environment", environment), (path ?? "", lines)]
            for (origin, source) in sources {
                guard let text = Self.value(of: setting, in: source, origin, &problems) else { continue }
                values[setting.name] = (text, origin)
                break
            }
            if values[setting.name] == nil, let standard = setting.standard {
                values[setting.name] = (standard, "the default")
            }
        }
        for (prefix, server) in [("REC_REDIS_", "REC_REDIS_URL"), ("REC_KAFKA_", "REC_KAFKA_BROKERS")] {
            let own = Self.all.first { setting in
                setting.name.hasPrefix(prefix) && setting.name != server
                    && values[setting.name].map { $0.origin != "the default" } ?? false
            }
            if let own, values[server] == nil {
                problems.append("\(own.name) is set, but \(server) is not: nothing would use it")
            }
        }
        guard problems.isEmpty else { throw Problems(texts: problems) }
    }

    /// The value of a setting, or its default; `nil` = it has neither.
    public subscript(name: String) -> String? { values[name]?.text }

    /// One line a setting, secrets left out: for `--print-config` and the log of a start.
    public var description: String {
        Self.all.map { setting in
            guard let value = values[setting.name] else { return "\(setting.name) is not set: \(setting.meaning)" }
            return "\(setting.name)=\(setting.isSecret ? "(set)" : value.text) from \(value.origin)"
        }.joined(separator: "\n")
    }

    private static let prefixes = ["REC_POSTGRES_", "REC_REDIS_", "REC_KAFKA_"]

    private static func isOurs(_ name: String, _ known: Set<String>) -> Bool {
        prefixes.contains { name.hasPrefix($0) } && !known.contains(name)
    }

    private static func value(
        of setting: StorageSetting, in source: [String: String], _ origin: String, _ problems: inout [String]
    ) -> String? {
        let plain = source[setting.name].flatMap { $0.isEmpty ? nil : $0 }
        guard setting.isSecret, let path = source[setting.name + "_FILE"], !path.isEmpty else { return plain }
        if plain != nil {
            problems.append("\(origin) sets both \(setting.name) and \(setting.name)_FILE")
            return nil
        }
        guard let text = try? String(contentsOfFile: path, encoding: .utf8) else {
            problems.append("\(setting.name)_FILE names \(path), which cannot be read")
            return nil
        }
        return text.trimmingCharacters(in: .whitespacesAndNewlines)
    }

    private static func read(_ path: String, _ known: Set<String>, _ problems: inout [String]) -> [String: String] {
        guard let text = try? String(contentsOfFile: path, encoding: .utf8) else {
            problems.append("the settings file \(path) cannot be read")
            return [:]
        }
        var values: [String: String] = [:]
        for (place, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            let line = line.trimmingCharacters(in: .whitespaces)
            if line.isEmpty || line.hasPrefix("#") { continue }
            guard let equals = line.firstIndex(of: "=") else {
                problems.append("\(path) line \(place + 1) is not NAME=value")
                continue
            }
            let name = line[..<equals].trimmingCharacters(in: .whitespaces)
            if !known.contains(name) {
                problems.append("\(path) line \(place + 1): no setting is called \(name)")
            } else if values[name] != nil {
                problems.append("\(path) line \(place + 1): \(name) stands there twice")
            }
            values[name] = line[line.index(after: equals)...].trimmingCharacters(in: .whitespaces)
        }
        return values
    }
}
