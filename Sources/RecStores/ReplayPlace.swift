// How far history was sent to which log, kept in a small file.
import Foundation
import RecCore
import RecStorage

/// The place behind the last event that a log is known to hold, for a replay that goes on after a stop or a crash.
///
/// A log that holds more than the place says gets some events twice, and that changes no window.
public struct ReplayPlace: Sendable {
    private let path: String
    /// The log and the history: others begin anew.
    private let log: String
    private let history: String

    private struct Wire: Codable {
        let log: String
        let history: String
        let nextOffset: Int64
    }

    /// - Parameter history: ``Stores/historyIdentity()``.
    public init(folder: String, configuration: StorageConfiguration, history: String) {
        self.history = history
        path = folder + "/replay.json"
        log = configuration.kafka.map { "\($0.brokers.joined(separator: ",")) \($0.topic)" } ?? "embedded"
    }

    /// Where to go on; 0 = the start.
    /// - Throws: `.corrupt` when the file is not one of ours.
    public func read() throws(StorageError) -> Int64 {
        guard let data = FileManager.default.contents(atPath: path) else { return 0 }
        guard let place = try? JSONDecoder().decode(Wire.self, from: data), place.nextOffset >= 0 else {
            throw StorageError(
                .corrupt, operation: "replay.place",
                reason: "\(path) cannot be read; remove it, or name the place with --from")
        }
        return place.log == log && place.history == history ? place.nextOffset : 0
    }

    /// Keeps a place; the file is replaced as a whole.
    public func write(_ nextOffset: Int64) throws(StorageError) {
        do {
            try JSONEncoder().encode(Wire(log: log, history: history, nextOffset: nextOffset)).write(
                to: URL(filePath: path), options: .atomic)
        } catch {
            throw StorageError(
                .unavailable, operation: "replay.place",
                reason: "\(path) cannot be written: \(error.localizedDescription)")
        }
    }
}
