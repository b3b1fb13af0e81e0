// Lists for many users as a CSV file, and the files that say for whom and from what.
import RecCore

/// `user_id,prediction`, items separated by spaces, best first: Kaggle's form.
public struct RecommendationFile: Sendable {
    /// The model that makes the lists.
    public let snapshot: ModelSnapshot
    /// Rows of items that nobody may get.
    public let closed: Set<Int>
    /// - Parameters:
    ///   - snapshot: makes the lists.
    ///   - closed: rows of items that nobody may get.
    public init(snapshot: ModelSnapshot, closed: Set<Int> = []) { (self.snapshot, self.closed) = (snapshot, closed) }

    /// The column `name` of a CSV file.
    /// - Throws: ``FileError``; `.badHeader` names the columns found when the column is missing.
    public static func column(_ name: String, of path: String) throws(FileError) -> [String] {
        try rows([name], of: path).map { $0[0] }
    }

    private static func rows(_ names: [String], of path: String) throws(FileError) -> [[String]] {
        let reader = try CSVReader(path: path)
        let header = try reader.readHeader()
        var places: [Int] = []
        for name in names {
            guard let place = header.firstIndex(of: name) else {
                throw FileError(
                    .badHeader, file: path, line: 1,
                    reason: "the header \(header.joined(separator: ",")) has no column \(name)")
            }
            places.append(place)
        }
        var rows: [[String]] = []
        while let step = try reader.next() {
            switch step {
            case .record: rows.append(places.map { reader.text($0) })
            case .problem(let problem):
                throw FileError(.badHeader, file: path, line: problem.line, reason: problem.reason)
            }
        }
        return rows
    }

    /// Items of a candidates file: column `item_id`; ids the model does not know are passed over.
    public func candidates(of path: String) throws(FileError) -> Set<Int32> {
        Set(try Self.column("item_id", of: path).compactMap { snapshot.history.items.row(of: $0).map(Int32.init) })
    }

    /// Each user's own candidates: columns `user_id` and `items` (separated by spaces).
    public func candidatesPerUser(of path: String) throws(FileError) -> [String: Set<Int32>] {
        var all: [String: Set<Int32>] = [:]
        for row in try Self.rows(["user_id", "items"], of: path) {
            let items = row[1].split(separator: " ").compactMap { snapshot.history.items.row(of: String($0)) }
            all[row[0], default: []].formUnion(items.map(Int32.init))
        }
        return all
    }

    /// What users took, by the model's rows: columns `user_id` and `item_id`; names the model does not know are passed over.
    public func pairs(of path: String) throws(FileError) -> [Int: Set<Int32>] {
        var all: [Int: Set<Int32>] = [:]
        for row in try Self.rows(["user_id", "item_id"], of: path) {
            guard let user = snapshot.history.users.row(of: row[0]), let item = snapshot.history.items.row(of: row[1])
            else { continue }
            all[user, default: []].insert(Int32(item))
        }
        return all
    }

    /// Ranks for `users` in blocks of 4,096 and writes the file; it appears under its name when it is complete.
    /// - Parameters:
    ///   - path: of the file; one that is there is replaced.
    ///   - users: names, a line each in their order.
    ///   - count: items of a line at most.
    ///   - allowed: the only items a user may get; `nil` = all.
    ///   - progress: told of users ranked.
    public func write(
        _ path: String, users: [String], count: Int, allowed: @escaping @Sendable (_ user: String) -> Set<Int32>?,
        progress: ProgressReporter
    ) throws(FileError) {
        let pipeline = EvaluationPipeline(snapshot)
        let writer = try FileWriter(replacing: path)
        try writer.append { $0.append(contentsOf: "user_id,prediction\n".utf8) }
        var done = 0
        while done < users.count {
            let block = Array(users[done..<min(users.count, done + 4096)])
            // A user without a row gets a row no model has.
            let rows = block.map { snapshot.history.users.row(of: $0) ?? -1 }
            let lists = pipeline.lists(
                for: rows, count: count, candidates: { place in allowed(block[place]) }, closed: closed)
            for (user, list) in zip(block, lists) {
                try writer.append { line in
                    line.appendCSV(user)
                    line.append(0x2c)
                    line.appendCSV(
                        list.map { snapshot.history.items.name(of: Int($0)) }.joined(separator: " "))
                    line.append(0x0a)
                }
            }
            done += block.count
            progress.update(Int64(done), fraction: Double(done) / Double(users.count))
        }
        try writer.commit()
        progress.finish(Int64(done))
    }
}

extension RecommendationFile {
    /// ``write(_:users:count:allowed:progress:)`` on a thread that may be busy.
    public func written(
        to path: String, users: [String], count: Int, allowed: @escaping @Sendable (_ user: String) -> Set<Int32>?,
        progress: ProgressReporter
    ) async throws {
        try await BackgroundThread.run {
            try self.write(path, users: users, count: count, allowed: allowed, progress: progress)
        }
    }
}
