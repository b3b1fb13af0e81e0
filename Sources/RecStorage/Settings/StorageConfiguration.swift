// The stores that the settings name, checked.
import Foundation
import RecCore

/// Which servers to use. What is `nil` is not configured: the embedded store takes its place.
public struct StorageConfiguration: Sendable {
    /// From `REC_POSTGRES_URL`.
    public let postgres: PostgresConfiguration?
    /// From `REC_REDIS_URL`.
    public let redis: RedisConfiguration?
    /// From `REC_KAFKA_BROKERS` and the other settings of that name.
    public let kafka: KafkaConfiguration?

    /// How patient the calls are.
    public enum Purpose: Sendable {
        /// Someone waits for an answer.
        case serving
        /// A bulk load, a stream processor, training.
        case bulk
    }

    /// - Throws: everything that is wrong, with the names of the settings and without their values.
    public init(_ settings: StorageSettings, purpose: Purpose) throws(StorageSettings.Problems) {
        var problems: [String] = []
        func made<Value>(_ name: String, _ make: (String) throws -> Value) -> Value? {
            guard let text = settings[name] else { return nil }
            do {
                return try make(text)
            } catch {
                problems.append("\(name): \((error as? StorageError)?.reason ?? "\(error)")")
                return nil
            }
        }
        let isServing = purpose == .serving
        postgres = made("REC_POSTGRES_URL") { text in
            try PostgresConfiguration(text, statementTimeout: isServing ? .seconds(2) : .seconds(120))
        }
        let lifeOfWindows: Duration? = made("REC_REDIS_DAYS") { text in
            guard let days = Int(text), (1...36_500).contains(days) else {
                throw StorageError(
                    .rejected, operation: "redis.configuration", reason: "is not a whole number of 1 to 36500")
            }
            return .seconds(days * 86_400)
        }
        redis = made("REC_REDIS_URL") { text in
            try RedisConfiguration(
                url: text, commandTimeout: isServing ? .milliseconds(50) : .seconds(2), timeToLive: lifeOfWindows)
        }
        kafka = made("REC_KAFKA_BROKERS") { text in
            try KafkaConfiguration(
                brokers: text.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) },
                topic: settings["REC_KAFKA_TOPIC"] ?? "", deadLetterTopic: settings["REC_KAFKA_DEAD_LETTERS"],
                group: settings["REC_KAFKA_GROUP"] ?? "",
                properties: try Self.properties(settings["REC_KAFKA_PROPERTIES"] ?? ""))
        }
        guard problems.isEmpty else { throw StorageSettings.Problems(texts: problems) }
    }

    /// `name=value;name=value`; a value may hold `=`, and none holds `;`.
    private static func properties(_ text: String) throws -> [String: String] {
        var properties: [String: String] = [:]
        for part in text.split(separator: ";") {
            guard let equals = part.firstIndex(of: "=") else {
                throw KafkaConfigurationError(problems: ["a property is not name=value"])
            }
            let name = part[..<equals].trimmingCharacters(in: .whitespaces)
            guard properties.updateValue(String(part[part.index(after: equals)...]), forKey: name) == nil else {
                throw KafkaConfigurationError(problems: ["a property is given twice"])
            }
        }
        return properties
    }
}

extension RedisConfiguration {
    /// From `redis://user:password@host:port/database`, of which only the host is needed, or `unix:/path`.
    /// - Throws: `.rejected`; the reason holds nothing of the text.
    public init(
        url: String, commandTimeout: Duration = .milliseconds(500), timeToLive: Duration? = nil
    ) throws(StorageError) {
        func refused(_ reason: String) -> StorageError {
            StorageError(.rejected, operation: "redis.configuration", reason: reason)
        }
        if url.hasPrefix("unix:") {
            let path = url.dropFirst(5)
            try self.init(
                endpoint: .unixSocket(path: String(path)), commandTimeout: commandTimeout, timeToLive: timeToLive)
            return
        }
        guard !url.hasPrefix("rediss:") else {
            throw refused("hiredis 0.14 speaks no TLS: use redis:// in a private network, or a tunnel on this machine")
        }
        guard let parts = URLComponents(string: url), parts.scheme == "redis", let host = parts.host, !host.isEmpty
        else { throw refused("is neither redis://host:port/database nor unix:/path") }
        let path = parts.path.drop { $0 == "/" }
        guard let database = path.isEmpty ? 0 : Int(path), parts.query == nil, parts.fragment == nil else {
            throw refused("what follows the port is not /database")
        }
        let bare = host.hasPrefix("[") && host.hasSuffix("]") ? String(host.dropFirst().dropLast()) : host
        try self.init(
            endpoint: .tcp(host: bare, port: parts.port ?? 6379), user: parts.user.flatMap { $0.isEmpty ? nil : $0 },
            password: parts.password, database: database, commandTimeout: commandTimeout, timeToLive: timeToLive)
    }
}
