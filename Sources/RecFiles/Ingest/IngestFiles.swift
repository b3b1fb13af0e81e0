// All file work of an ingest, on a thread that may block.
import RecCore

/// Owns the open files of one ingest. Its jobs run on a queue of their own, so that reading the next chunk and storing the
/// last one go on side by side, and no thread of Swift's pool waits for a disk.
actor IngestFiles {
    private let queue = FileQueue(label: "recommendation.ingest.files")
    nonisolated var unownedExecutor: UnownedSerialExecutor { queue.asUnownedSerialExecutor() }

    private let options: IngestOptions
    private var rejects: RejectFile?
    private var source = ""
    private var interactions: InteractionFileReader?
    private var descriptions: DescriptionFileReader?

    init(_ options: IngestOptions) { self.options = options }

    func plan() throws(FileError) -> IngestPlan { try IngestPlan(options) }

    /// What this content, read in this way, is remembered by: `content/options`.
    func fingerprint(of file: IngestPlan.Interactions) throws(FileError) -> String {
        let content = try FileFingerprint(path: file.path).text
        let covered = file.covered.map { "\($0.file):\($0.days)" }.joined(separator: ",")
        return content + "/"
            + hashText("\(file.columns.digest),\(file.isUntimed),\(options.separator.name),\(covered)".utf8)
    }

    func size(of path: String) throws(FileError) -> Int64 { try ByteSource(path: path, blockSize: 64).size }

    func openRejects(counted: [String: Int64]) throws(FileError) {
        guard let path = options.rejects else { return }
        rejects = try RejectFile(path: path, counted: counted)
    }

    func open(_ file: IngestPlan.Description) throws(FileError) {
        source = sourceName(file.path)
        descriptions = try DescriptionFileReader(file, separator: options.separator)
    }

    func open(_ file: IngestPlan.Interactions, skipping records: Int64) throws(FileError) {
        source = sourceName(file.path)
        let reader = try InteractionFileReader(file, separator: options.separator, latest: options.latest)
        try reader.skip(records)
        interactions = reader
    }

    /// The next interactions; their rejects are listed when this returns.
    func nextInteractions() throws(FileError) -> InteractionChunk? {
        guard let chunk = try interactions?.nextChunk(limit: options.chunk) else { return nil }
        try rejects?.append(chunk.rejects, of: source)
        return chunk
    }

    /// The next items or users; their rejects are listed when this returns.
    func nextDescriptions() throws(FileError) -> DescriptionChunk? {
        guard let chunk = try descriptions?.nextChunk(limit: options.chunk) else { return nil }
        try rejects?.append(chunk.rejects, of: source)
        return chunk
    }
}
