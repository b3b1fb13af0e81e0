// What an ingest did, in numbers.

/// What the rows of a file are about.
public enum IngestSubject: Sendable, Hashable {
    /// What users did with items; rows go into the history.
    case interactions
    /// What items are; rows go into the catalogue.
    case items
    /// Who users are; rows go into the directory of customers.
    case users
}

/// The account of an ingest. For every file, read = loaded + rejected.
public struct IngestReport: Sendable, Hashable {
    /// The account of one file.
    public struct File: Sendable, Hashable {
        /// The file's name, without its folder.
        public let name: String
        /// What its rows are about.
        public let subject: IngestSubject
        /// Rows that the store holds, of this run and of earlier ones.
        public internal(set) var loaded: Int64
        /// Rows refused, in this run and in earlier ones.
        public internal(set) var rejected: Int64
        /// How many of the rows were read by earlier runs.
        public let earlier: Int64
        /// Reasons of this run's rejects, and how often each came.
        public internal(set) var reasons: [String: Int64] = [:]
        /// Rows read.
        public var read: Int64 { loaded + rejected }

        mutating func add(loaded: Int, rejects: [Reject]) {
            self.loaded += Int64(loaded)
            rejected += Int64(rejects.count)
            for reject in rejects { reasons[reject.reason, default: 0] += 1 }
        }
    }

    /// In the order of reading.
    public internal(set) var files: [File] = []
    /// Recognised files that hold nothing to load.
    public internal(set) var ignored: [String] = []

    /// Interactions in the store from these files.
    public var interactions: Int64 { files.reduce(0) { $0 + ($1.subject == .interactions ? $1.loaded : 0) } }
    /// Rows of items files loaded into the catalogue.
    public var items: Int64 { files.reduce(0) { $0 + ($1.subject == .items ? $1.loaded : 0) } }
    /// Rows of users files loaded into the directory of customers.
    public var users: Int64 { files.reduce(0) { $0 + ($1.subject == .users ? $1.loaded : 0) } }
    /// Rows refused.
    public var rejected: Int64 { files.reduce(0) { $0 + $1.rejected } }
    /// Rows read.
    public var read: Int64 { files.reduce(0) { $0 + $1.read } }

    /// Some lines for a person.
    public var text: String {
        var lines: [String] = []
        for file in files {
            let number = ProgressReporter.grouped
            var line = "\(file.name): \(number(file.read)) rows read = \(number(file.loaded)) loaded"
            line += " + \(number(file.rejected)) rejected"
            if file.earlier > 0 { line += " (\(number(file.earlier)) of them by earlier runs)" }
            lines.append(line)
            let reasons = file.reasons.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
            for (reason, count) in reasons.prefix(5) { lines.append("  \(number(count)) x \(reason)") }
            if reasons.count > 5 { lines.append("  and \(reasons.count - 5) other reasons") }
        }
        if !ignored.isEmpty { lines.append("not loaded: \(ignored.joined(separator: ", "))") }
        return lines.joined(separator: "\n")
    }
}
