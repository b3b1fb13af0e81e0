// A folder of published models: immutable version directories and the CURRENT pointer.

/// `folder/<version>/…` and `folder/CURRENT`. Whatever crashes, a reader sees a whole version or none.
///
/// Publishing writes into a temporary directory, flushes every file, renames the directory, then replaces `CURRENT` the same way.
/// Calls block on the disk: do not make them on Swift's thread pool.
public struct ModelDirectory: Sendable {
    /// The folder, as it was given.
    public let path: String

    /// - Throws: `.unavailable` when the folder can neither be found nor made.
    public init(path: String) throws(StorageError) {
        self.path = path
        do {
            try DurableFile.makeFolder(path)
        } catch {
            throw StorageError(.unavailable, operation: "models.open", reason: error.description)
        }
    }

    private func folder(_ version: ModelVersion) -> String { path + "/" + version.rawValue }

    /// Writes the snapshot as a new version, makes it current, and removes all but the newest ``keptVersions``. `.conflict` when the version exists.
    ///
    /// What an earlier publishing left unfinished is removed; two that run at the same time wait for each other.
    public func publish(_ snapshot: ModelSnapshot) throws(StorageError) {
        try DurableFile.locked(path + "/.lock") { () throws(StorageError) in
            for name in DurableFile.names(in: path) where Self.leftovers.contains(where: { name.hasPrefix($0) }) {
                DurableFile.removeFolder(path + "/" + name)
                DurableFile.remove(path + "/" + name)
            }
            try publishAlone(snapshot)
        }
    }

    /// How names of unfinished work begin; versions never begin with a dot.
    private static let leftovers = [".tmp-", ".old-", ".new-", ".CURRENT-"]

    private func publishAlone(_ snapshot: ModelSnapshot) throws(StorageError) {
        let final = folder(snapshot.version)
        let temporary = path + "/.tmp-" + snapshot.version.rawValue
        guard !DurableFile.exists(final) else {
            throw StorageError(.conflict, operation: "models.publish", reason: "version \(snapshot.version) exists")
        }
        try storage("models.publish") {
            DurableFile.removeFolder(temporary)
            try DurableFile.makeFolder(temporary)
            let verified = try ModelArtifact.write(snapshot, into: temporary)
            try DurableFile.rename(temporary, to: final)
            try DurableFile.flushFolder(path)
            verified.keep(for: final)
        }
        try point(to: snapshot.version)
        removeOld(but: snapshot.version)
    }

    /// Versions kept, the current one among them. Servers that still serve a removed one keep its memory.
    public static let keptVersions = 3

    private func removeOld(but current: ModelVersion) {
        guard let versions = try? versions() else { return }
        var old = versions.dropFirst(Self.keptVersions).map(\.version)
        // Of a program of before, which no program of today can load.
        old += DurableFile.names(in: path).compactMap { ModelVersion($0) }.filter {
            ModelArtifact.format(of: folder($0)).map { $0 < ModelManifest.currentFormat } ?? false
        }
        for version in old where version != current {
            // What is half removed is no version any more.
            let away = path + "/.old-" + version.rawValue
            guard (try? DurableFile.rename(folder(version), to: away)) != nil else { continue }
            DurableFile.removeFolder(away)
            VerifiedFiles.remove(for: folder(version))
        }
    }

    /// Makes an existing version current. `.notFound` when it is not there, `.corrupt` when its manifest cannot be believed or a
    /// file of it is missing or has another size.
    public func activate(_ version: ModelVersion) throws(StorageError) {
        guard DurableFile.exists(folder(version) + "/" + ModelArtifact.manifestName) else {
            throw StorageError(.notFound, operation: "models.activate", reason: "no version \(version)")
        }
        do {
            try ModelArtifact.checkSizes(in: folder(version))
        } catch {
            throw StorageError(.corrupt, operation: "models.activate", reason: "version \(version): \(error)")
        }
        try DurableFile.locked(path + "/.lock") { () throws(StorageError) in try point(to: version) }
    }

    private func point(to version: ModelVersion) throws(StorageError) {
        try storage("models.activate") {
            try DurableFile.replace(path + "/CURRENT", with: (version.rawValue + "\n").utf8)
        }
    }

    /// What `CURRENT` names; `nil` when nothing was published. `.corrupt` when it names no version.
    public func current() throws(StorageError) -> ModelVersion? {
        let pointer = path + "/CURRENT"
        guard DurableFile.exists(pointer) else { return nil }
        let text = try storage("models.current") {
            String(decoding: try MappedFile(path: pointer).content.prefix(100), as: UTF8.self)
        }
        guard text.hasSuffix("\n"), let version = ModelVersion(String(text.dropLast())) else {
            throw StorageError(.corrupt, operation: "models.current", reason: "CURRENT does not name a version")
        }
        return version
    }

    /// Versions whose manifest can be read, newest first.
    public func versions() throws(StorageError) -> [ModelSummary] {
        let current = try? current()
        return DurableFile.names(in: path).compactMap { name -> ModelSummary? in
            guard let version = ModelVersion(name), let manifest = try? ModelArtifact.manifest(in: folder(version))
            else {
                return nil
            }
            return ModelSummary(
                version: version, created: Timestamp(milliseconds: manifest.createdMilliseconds),
                isCurrent: version == current, details: ModelDetails(manifest))
        }.sorted { ($0.created, $0.version) > ($1.created, $1.version) }
    }

    /// Maps and verifies a version: sizes, SHA-256, shapes, indices, finite numbers. Files that were verified before, by the
    /// program that wrote them or one that loaded them, and that nobody touched since, are neither hashed again nor searched for
    /// numbers that are not finite: their pages are read when they are needed.
    public func load(_ version: ModelVersion) throws(StorageError) -> ModelSnapshot {
        guard DurableFile.exists(folder(version)) else {
            throw StorageError(.notFound, operation: "models.load", reason: "no version \(version)")
        }
        let snapshot: ModelSnapshot
        do {
            let before = VerifiedFiles.read(for: folder(version))
            let read = try ModelArtifact.read(from: folder(version), verified: before)
            snapshot = read.snapshot
            if read.verified != before { read.verified.keep(for: folder(version)) }
        } catch {
            throw StorageError(.corrupt, operation: "models.load", reason: "version \(version): \(error)")
        }
        guard snapshot.version == version else {
            throw StorageError(.corrupt, operation: "models.load", reason: "folder \(version) holds another version")
        }
        return snapshot
    }

    private func storage<R>(_ operation: String, _ body: () throws -> R) throws(StorageError) -> R {
        do {
            return try body()
        } catch let error as FileFailure {
            throw StorageError(error.isNoSpace ? .full : .unavailable, operation: operation, reason: error.description)
        } catch {
            throw StorageError(.unavailable, operation: operation, reason: "\(error)")
        }
    }
}
