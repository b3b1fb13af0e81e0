// Loads files into a history, a catalogue and a directory of customers: bounded memory, resumable, every row accounted for.
import RecCore

/// The bulk load.
///
/// Rows go into the store in chunks, each with the file's new position in the same transaction. A run that was killed is
/// simply started again: it goes on behind the last chunk that the store holds, and no row is lost or doubled. Items and
/// users are written again by every run, so that a new catalogue replaces the old one.
///
/// ```swift
/// let report = try await IngestPipeline(IngestOptions(paths: ["shop"]), history: store.history, catalog: store.catalog, users: store.users).run()
/// ```
public struct IngestPipeline: Sendable {
    private let options: IngestOptions
    private let history: any InteractionStore
    private let catalog: any ItemCatalog
    private let users: any UserDirectory
    private let progress: ProgressReporter?
    private let refused: RefusedRows?

    /// Told of refused rows of a source before the chunk that they belong to is stored: after a crash, of some twice.
    public typealias RefusedRows = @Sendable (_ source: String, _ rows: [Reject]) async throws -> Void

    /// - Parameters:
    ///   - options: which files, and what their columns mean.
    ///   - history: gets the interactions, chunk by chunk.
    ///   - catalog: gets the items.
    ///   - users: gets the customers.
    ///   - progress: told of rows read; `nil` = nobody is.
    ///   - refused: told of refused rows beside the list that the options name.
    public init(
        _ options: IngestOptions, history: any InteractionStore, catalog: any ItemCatalog,
        users: any UserDirectory, progress: ProgressReporter? = nil, refused: RefusedRows? = nil
    ) {
        (self.options, self.history, self.catalog) = (options, history, catalog)
        (self.users, self.progress, self.refused) = (users, progress, refused)
    }

    /// Loads everything.
    /// - Throws: ``IngestError``: a file or a store failed, or the task was cancelled. Chunks loaded until then stay.
    public func run() async throws(IngestError) -> IngestReport {
        do {
            var run = IngestRun(
                options, history: history, catalog: catalog, users: users, progress: progress, refused: refused)
            return try await run.load()
        } catch {
            throw IngestError(error)
        }
    }
}

/// One run of the pipeline.
private struct IngestRun {
    private let files: IngestFiles
    private let history: any InteractionStore
    private let catalog: any ItemCatalog
    private let users: any UserDirectory
    private let progress: ProgressReporter?
    private let refused: IngestPipeline.RefusedRows?
    private var report = IngestReport()
    private var totalBytes: Int64 = 0
    /// Bytes of the files that are done.
    private var doneBytes: Int64 = 0

    init(
        _ options: IngestOptions, history: any InteractionStore, catalog: any ItemCatalog, users: any UserDirectory,
        progress: ProgressReporter?, refused: IngestPipeline.RefusedRows?
    ) {
        files = IngestFiles(options)
        self.refused = refused
        (self.history, self.catalog, self.users, self.progress) = (history, catalog, users, progress)
    }

    mutating func load() async throws -> IngestReport {
        let plan = try await files.plan()
        report.ignored = plan.ignored
        // Every file is looked at before the first row is loaded.
        var starts: [SourcePosition] = []
        var isNew: [Bool] = []
        var counted: [String: Int64] = [:]
        for file in plan.interactions {
            let (start, isFresh) = try await position(of: file)
            starts.append(start)
            isNew.append(isFresh)
            counted[start.source] = start.rejected
            totalBytes += try await files.size(of: file.path)
        }
        for file in plan.descriptions {
            counted[sourceName(file.path)] = 0
            totalBytes += try await files.size(of: file.path)
        }
        try await files.openRejects(counted: counted)
        progress?.resume(at: starts.reduce(0) { $0 + $1.records })
        for file in plan.descriptions { try await load(file) }
        for (index, file) in plan.interactions.enumerated() {
            try await loadInteractions(file, from: starts[index], isNew: isNew[index])
        }
        progress?.finish(report.read)
        return report
    }

    /// Where a file stands, after a check that it is still the same file, read in the same way.
    private func position(of file: IngestPlan.Interactions) async throws -> (SourcePosition, isNew: Bool) {
        let name = sourceName(file.path)
        let fingerprint = try await files.fingerprint(of: file)
        guard let held = try await history.position(of: name) else {
            return (SourcePosition(source: name, fingerprint: fingerprint, records: 0, rejected: 0), true)
        }
        guard held.fingerprint == fingerprint else {
            let isSameContent = held.fingerprint.split(separator: "/").first == fingerprint.split(separator: "/").first
            throw FileError(
                .changed, file: file.path,
                reason: isSameContent
                    ? "was loaded with other options (columns, separator or overlap) before; use the same ones, or a new data folder"
                    : "has changed since \(held.records) rows of a file of this name were loaded; give it another name, or use a new data folder"
            )
        }
        return (held, false)
    }

    private mutating func load(_ file: IngestPlan.Description) async throws {
        var account = IngestReport.File(
            name: sourceName(file.path), subject: file.subject, loaded: 0, rejected: 0, earlier: 0)
        try await files.open(file)
        while let chunk = try await files.nextDescriptions() {
            try Task.checkCancellation()
            if !chunk.rejects.isEmpty { try await refused?(account.name, chunk.rejects) }
            if file.subject == .users {
                try await users.upsert(chunk.rows.map { UserProfile(id: UserID($0.id), attributes: $0.attributes) })
            } else {
                let held = try await catalog.items(chunk.rows.map { ItemID($0.id) })
                try await catalog.upsert(
                    chunk.rows.map {
                        CatalogItem(
                            id: ItemID($0.id), attributes: $0.attributes,
                            isHidden: held[ItemID($0.id)]?.isHidden ?? false)
                    })
            }
            account.add(loaded: chunk.rows.count, rejects: chunk.rejects)
            tell(account, bytesRead: chunk.bytesRead)
        }
        doneBytes += try await files.size(of: file.path)
        report.files.append(account)
    }

    private mutating func loadInteractions(
        _ file: IngestPlan.Interactions, from start: SourcePosition, isNew: Bool
    ) async throws {
        var account = IngestReport.File(
            name: start.source, subject: .interactions, loaded: start.records - start.rejected,
            rejected: start.rejected,
            earlier: start.records)
        var previous: SourcePosition? = isNew ? nil : start
        try await files.open(file, skipping: start.records)
        var next = try await files.nextInteractions()
        while let chunk = next {
            try Task.checkCancellation()
            // The next chunk is read while the store writes this one.
            async let following = files.nextInteractions()
            try await describe(chunk.attributes)
            let position = SourcePosition(
                source: start.source, fingerprint: start.fingerprint, records: account.read + Int64(chunk.records),
                rejected: account.rejected + Int64(chunk.rejects.count))
            if !chunk.rejects.isEmpty { try await refused?(start.source, chunk.rejects) }
            try await history.load(chunk.interactions, from: previous, to: position)
            previous = position
            account.add(loaded: chunk.interactions.count, rejects: chunk.rejects)
            tell(account, bytesRead: chunk.bytesRead)
            next = try await following
        }
        doneBytes += try await files.size(of: file.path)
        report.files.append(account)
    }

    /// Adds what rows say of their items to what the catalogue holds; items that stay as they are are not written.
    private func describe(_ attributes: [ItemID: [String: String]]) async throws {
        let ids = attributes.keys.sorted()
        for first in stride(from: 0, to: ids.count, by: 500) {
            let part = Array(ids[first..<min(first + 500, ids.count)])
            let held = try await catalog.items(part)
            var changed: [CatalogItem] = []
            for id in part {
                var merged = held[id]?.attributes ?? [:]
                merged.merge(attributes[id] ?? [:]) { $1 }
                if held[id] == nil || held[id]?.attributes != merged {
                    changed.append(CatalogItem(id: id, attributes: merged, isHidden: held[id]?.isHidden ?? false))
                }
            }
            if !changed.isEmpty { try await catalog.upsert(changed) }
        }
    }

    private func tell(_ account: IngestReport.File, bytesRead: Int64) {
        let fraction = totalBytes > 0 ? Double(doneBytes + bytesRead) / Double(totalBytes) : nil
        progress?.update(report.read + account.read, fraction: fraction)
    }
}
