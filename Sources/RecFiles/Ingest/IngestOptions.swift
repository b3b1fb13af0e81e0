// What the caller of an ingest may choose.
import Foundation
import RecCore

/// Which files to load, and how their columns are to be understood.
///
/// Without any column names, H&M files are known by their header or, in a folder, by their name, and other files are taken
/// to have the columns `user_id, item_id, timestamp, event, weight`, of which the first two are needed.
public struct IngestOptions: Sendable, Hashable {
    /// What to do with the rows of one transaction file whose days another, narrower file covers.
    public enum Overlap: String, Sendable {
        /// Drop them when the files were found in a folder, keep them when they were named one by one.
        case automatic
        /// They are refused, and counted as such.
        case drop
        /// They are loaded like any other.
        case keep
    }

    /// Files, or folders to look for files in.
    public var paths: [String]
    /// Column of the user; `nil` = `user_id`.
    public var user: String?
    /// Column of the item; `nil` = `item_id`.
    public var item: String?
    /// Column of the time. `nil` = `timestamp`, which may be missing or empty throughout; a named one must be filled.
    public var time: String?
    /// Column of what was done; `nil` = `event`, which may be missing.
    public var event: String?
    /// Column of the weight. `nil` = `weight`, which may be missing or empty; a named one must be filled.
    public var weight: String?
    /// What was done, where no column tells.
    public var kind: InteractionKind
    /// Columns that describe the item: of the items file, where there is one, else of the interactions' own file.
    public var itemAttributes: [String]
    /// A file that describes the items.
    public var itemsFile: String?
    /// A file that describes the users.
    public var usersFile: String?
    /// What stands between two fields, in every file of the ingest.
    public var separator: CSVSeparator
    /// What to do with days that two transaction files hold.
    public var overlap: Overlap
    /// Where refused rows are listed; `nil` = nowhere.
    public var rejects: String?
    /// Rows behind this moment are refused: one date in the year 2099 would make all others seem old.
    public var latest: Timestamp
    /// Rows of one transaction of the store.
    public var chunk: Int

    /// Only files or folders are needed; a chunk of less than one row becomes one of one.
    public init(
        paths: [String], user: String? = nil, item: String? = nil, time: String? = nil, event: String? = nil,
        weight: String? = nil, kind: InteractionKind = .purchase, itemAttributes: [String] = [],
        itemsFile: String? = nil, usersFile: String? = nil, separator: CSVSeparator = .comma,
        overlap: Overlap = .automatic,
        rejects: String? = nil, latest: Timestamp = IngestOptions.tomorrow(), chunk: Int = 50_000
    ) {
        (self.paths, self.user, self.item, self.time) = (paths, user, item, time)
        (self.event, self.weight, self.kind, self.itemAttributes) = (event, weight, kind, itemAttributes)
        (self.itemsFile, self.usersFile, self.separator, self.overlap) = (itemsFile, usersFile, separator, overlap)
        (self.rejects, self.latest, self.chunk) = (rejects, latest, max(1, chunk))
    }

    /// In 24 hours: clocks and zones differ.
    public static func tomorrow() -> Timestamp {
        let now = Date().timeIntervalSince1970
        return Timestamp(milliseconds: Int64(now * 1000) + Timestamp.millisecondsPerDay)
    }

    /// Whether columns were named, which overrules the H&M shape.
    var namesColumns: Bool { user != nil || item != nil || time != nil || event != nil || weight != nil }
}

/// Why an ingest stopped. What was loaded until then stays loaded, and the next run goes on behind it.
public enum IngestError: Error, Sendable, CustomStringConvertible {
    /// A file cannot be read, or its header not understood.
    case file(FileError)
    /// A store failed.
    case storage(StorageError)
    /// The task was cancelled.
    case cancelled

    init(_ error: any Error) {
        switch error {
        case let error as IngestError: self = error
        case let error as FileError: self = .file(error)
        case let error as StorageError: self = .storage(error)
        case is CancellationError: self = .cancelled
        default:
            self = .storage(StorageError(.unavailable, operation: "ingest", reason: "failed with \(type(of: error))"))
        }
    }

    public var description: String {
        switch self {
        case .file(let error): error.description
        case .storage(let error): error.description
        case .cancelled: "the ingest was cancelled; run it again to go on"
        }
    }
}
