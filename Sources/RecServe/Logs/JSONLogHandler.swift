// Logs as JSON, one object a line.
import Foundation
import Logging
import RecCore
import Synchronization

/// Writes `{"ts": ..., "level": ..., "msg": ..., "service": ..., "version": ...}` with the metadata as further members, to the standard
/// output. Nothing that this package logs names a user, an item, a key itself (its name stands with what it
/// changed) or the content of an event.
public struct JSONLogHandler: LogHandler {
    public var logLevel = Logger.Level.info
    public var metadata = Logger.Metadata()
    private let service: String
    private let write: @Sendable (String) -> Void

    /// - Parameters:
    ///   - service: the program's name.
    ///   - write: takes a line without its end; `nil` = the standard output.
    public init(service: String, write: (@Sendable (String) -> Void)? = nil) {
        self.service = service
        self.write = write ?? { Self.toStandardOutput($0) }
    }

    /// Lines of two threads do not mix.
    private static let output = Mutex(())
    private static func toStandardOutput(_ line: String) {
        // A full disk or a collector that ended costs the line, not the server.
        output.withLock { _ in try? FileHandle.standardOutput.write(contentsOf: Data((line + "\n").utf8)) }
    }

    public subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    public func log(event: LogEvent) {
        var members: [String: JSONValue] = [:]
        for (key, value) in metadata.merging(event.metadata ?? [:], uniquingKeysWith: { $1 }) {
            members[key] = Self.json(value)
        }
        members["ts"] = .string(SystemSource.now().iso8601)
        members["level"] = .string(event.level.rawValue)
        members["msg"] = .string("\(event.message)")
        members["service"] = .string(service)
        members["version"] = .string(PlatformVersion.text)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        guard let data = try? encoder.encode(JSONValue.object(members)) else { return }
        write(String(decoding: data, as: UTF8.self))
    }

    private static func json(_ value: Logger.Metadata.Value) -> JSONValue {
        switch value {
        case .string(let text): .string(text)
        case .stringConvertible(let value): .string(value.description)
        case .array(let values): .array(values.map(json))
        case .dictionary(let members): .object(members.mapValues(json))
        }
    }
}
