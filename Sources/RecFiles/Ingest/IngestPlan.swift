// Finds out which files there are, what each one is, and which columns to read.
import Foundation
import RecCore

/// What an ingest will read, in this order: items and users first, then interactions.
struct IngestPlan: Sendable {
    /// A file of interactions.
    struct Interactions: Sendable {
        let path: String
        var columns: InteractionColumns
        /// No row has a time: the order of the rows stands for it.
        var isUntimed = false
        /// Days that narrower files cover, whose rows are dropped here.
        var covered: [CoveredDays] = []
    }
    /// A file that describes items or users.
    struct Description: Sendable {
        let subject: IngestSubject
        let path: String
        let columns: DescriptionColumns
    }
    struct CoveredDays: Sendable, Hashable {
        let file: String
        let days: ClosedRange<Int64>
    }

    var interactions: [Interactions] = []
    var descriptions: [Description] = []
    /// Files that were found and are not loaded.
    fileprivate(set) var ignored: [String] = []

    /// Looks at the files: their names, their headers, and with overlapping files their days.
    ///
    /// This reads from disk; call it where blocking is allowed.
    /// - Throws: ``FileError``: nothing to read, an empty file, a column that is missing.
    init(_ options: IngestOptions) throws(FileError) {
        guard !options.paths.isEmpty || options.itemsFile != nil || options.usersFile != nil else {
            throw FileError(.notFound, file: "(no path)", reason: "name at least one file or folder to ingest")
        }
        var wasFound = false
        for path in options.paths {
            var isFolder: ObjCBool = false
            guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
                throw FileError(.notFound, file: path, reason: "there is no such file or folder")
            }
            if isFolder.boolValue {
                wasFound = true
                try addFolder(path, options)
            } else {
                try addFile(path, options)
            }
        }
        if let path = options.itemsFile { try addItems(path, options, attributes: options.itemAttributes) }
        if let path = options.usersFile { try addUsers(path, options) }
        guard !interactions.isEmpty || !descriptions.isEmpty else {
            throw FileError(
                .notFound, file: options.paths.first ?? "(no path)", reason: "holds neither interactions nor items")
        }
        try refuseEqualNames()
        let drops = options.overlap == .drop || (options.overlap == .automatic && wasFound)
        if drops, interactions.count > 1 { try coverDays(options) }
    }

    private mutating func addFolder(_ folder: String, _ options: IngestOptions) throws(FileError) {
        let names = try csvNames(in: folder)
        func path(_ name: String) -> String { (folder as NSString).appendingPathComponent(name) }
        let transactions = names.filter { $0.hasPrefix("transactions") }
        let train = names.filter { stem($0) == "train" }
        if !transactions.isEmpty {
            for name in transactions { try addFile(path(name), options) }
            for name in names where stem(name) == "articles" && options.itemsFile == nil {
                try addItems(path(name), options, attributes: [])
            }
            for name in names where name.hasPrefix("customers") && options.usersFile == nil {
                try addUsers(path(name), options)
            }
        } else if let name = train.first {
            try addFile(path(name), options)
            for name in names where stem(name) == "items" && options.itemsFile == nil {
                try addItems(path(name), options, attributes: [])
            }
            for name in names where stem(name) == "users" && options.usersFile == nil {
                try addUsers(path(name), options)
            }
            ignored += names.filter { !["train", "items", "users"].contains(stem($0)) }
        } else if names.count == 1 {
            try addFile(path(names[0]), options)
        } else if names.isEmpty {
            throw FileError(.notFound, file: folder, reason: "the folder holds no .csv or .csv.gz file")
        } else {
            throw FileError(
                .ambiguous, file: folder,
                reason:
                    "holds neither transactions*.csv nor train.csv but \(names.prefix(20).joined(separator: ", ")); name the file to load"
            )
        }
    }

    /// CSV files of a folder in order of name; a plain file stands for its packed twin.
    private func csvNames(in folder: String) throws(FileError) -> [String] {
        let all: [String]
        do {
            all = try FileManager.default.contentsOfDirectory(atPath: folder)
        } catch {
            throw FileError(.unreadable, file: folder, reason: "the folder cannot be read")
        }
        let names = all.filter { !$0.hasPrefix(".") && ($0.hasSuffix(".csv") || $0.hasSuffix(".csv.gz")) }
        let plain = Set(names.filter { $0.hasSuffix(".csv") })
        return names.filter { !$0.hasSuffix(".gz") || !plain.contains(String($0.dropLast(3))) }.sorted()
    }

    private mutating func addFile(_ path: String, _ options: IngestOptions) throws(FileError) {
        let reader = try CSVReader(path: path, separator: options.separator)
        let header = try reader.readHeader()
        var file: Interactions
        if options.namesColumns {
            file = Interactions(path: path, columns: try .named(by: options, header: header, file: path))
        } else if header.contains("t_dat") || sourceName(path).hasPrefix("transactions") && !header.contains("user_id")
        {
            file = Interactions(path: path, columns: try .hm(header, file: path))
        } else if header.contains("article_id"), !header.contains("customer_id") {
            return try addItems(path, options, attributes: [])
        } else if header.contains("customer_id"), !header.contains("article_id"), !header.contains("item_id") {
            return try addUsers(path, options)
        } else {
            file = Interactions(path: path, columns: try .named(by: options, header: header, file: path))
        }
        if let time = file.columns.time, !file.columns.needsTime {
            while let step = try reader.next() {
                guard case .record = step else { continue }
                file.isUntimed = reader.bytes(time).isEmpty
                break
            }
        } else if file.columns.time == nil {
            file.isUntimed = true
        }
        interactions.append(file)
    }

    private mutating func addItems(_ path: String, _ options: IngestOptions, attributes: [String]) throws(FileError) {
        let header = try CSVReader(path: path, separator: options.separator).readHeader()
        let names = [options.item, "item_id", "article_id"].compactMap { $0 }
        descriptions.append(
            Description(
                subject: .items, path: path,
                columns: try .find(id: names, attributes: attributes, header: header, file: path)))
    }

    private mutating func addUsers(_ path: String, _ options: IngestOptions) throws(FileError) {
        let header = try CSVReader(path: path, separator: options.separator).readHeader()
        let names = [options.user, "user_id", "customer_id"].compactMap { $0 }
        descriptions.append(
            Description(
                subject: .users, path: path,
                columns: try .find(id: names, attributes: [], header: header, file: path)))
    }

    /// Positions are kept by file name, so that two files of one name could not be told apart.
    private func refuseEqualNames() throws(FileError) {
        var names: Set<String> = []
        for path in descriptions.map(\.path) + interactions.map(\.path) where !names.insert(sourceName(path)).inserted {
            throw FileError(.ambiguous, file: path, reason: "another file of this name is to be loaded too; rename one")
        }
    }

    /// Finds for each file the strictly narrower files whose days all lie among its own.
    private mutating func coverDays(_ options: IngestOptions) throws(FileError) {
        var ranges: [ClosedRange<Int64>?] = []
        for file in interactions { ranges.append(try days(of: file, options)) }
        for index in interactions.indices {
            guard let own = ranges[index] else { continue }
            interactions[index].covered = interactions.indices.compactMap { other in
                guard let days = ranges[other], days.count < own.count, days.clamped(to: own) == days else {
                    return nil
                }
                return CoveredDays(file: sourceName(interactions[other].path), days: days)
            }
        }
    }

    private func days(of file: Interactions, _ options: IngestOptions) throws(FileError) -> ClosedRange<Int64>? {
        guard let time = file.columns.time, !file.isUntimed else { return nil }
        let reader = try CSVReader(path: file.path, separator: options.separator)
        _ = try reader.readHeader()
        var range: ClosedRange<Int64>?
        while let step = try reader.next() {
            guard case .record = step, let timestamp = Timestamp(field: reader.bytes(time)) else { continue }
            let day = timestamp.dayNumber
            if let held = range, held.contains(day) { continue }
            range = min(range?.lowerBound ?? day, day)...max(range?.upperBound ?? day, day)
        }
        return range
    }
}

extension Timestamp {
    /// Whole days since 1970-01-01 (UTC).
    var dayNumber: Int64 {
        let days = milliseconds / Self.millisecondsPerDay
        return milliseconds % Self.millisecondsPerDay < 0 ? days - 1 : days
    }
}

/// The name by which a file is remembered.
func sourceName(_ path: String) -> String { (path as NSString).lastPathComponent }

private func stem(_ name: String) -> String {
    var name = name
    for suffix in [".gz", ".csv"] where name.hasSuffix(suffix) { name.removeLast(suffix.count) }
    return name
}
