// Turns the rows of one file into interactions, chunk by chunk.
import RecCore

/// Some rows of a file, good and bad.
struct InteractionChunk: Sendable {
    var interactions: [Interaction] = []
    var rejects: [Reject] = []
    /// What the rows say of their items; later rows overrule earlier ones.
    var attributes: [ItemID: [String: String]] = [:]
    /// Rows read, which is interactions and rejects together.
    var records: Int { interactions.count + rejects.count }
    /// Bytes of the file read so far.
    var bytesRead: Int64 = 0
}

/// Reads one file of interactions. Blocking; lives on the ingest's file queue.
final class InteractionFileReader {
    private let file: IngestPlan.Interactions
    private let reader: CSVReader
    private let latest: Timestamp
    private var record: Int64 = 0
    /// The last kind read, since most rows name the same few.
    private var kindBytes: [UInt8] = []
    private var kind: InteractionKind

    /// The one moment of all rows of a file without times: time then says nothing, and training knows it.
    private static let untimed = Timestamp.millisecondsPerDay

    /// - Parameter latest: rows behind this moment are refused.
    init(_ file: IngestPlan.Interactions, separator: CSVSeparator, latest: Timestamp) throws(FileError) {
        (self.file, self.latest) = (file, latest)
        kind = file.columns.kind
        reader = try CSVReader(path: file.path, separator: separator)
        _ = try reader.readHeader()
    }

    /// Passes over rows that are loaded already.
    /// - Throws: ``FileError`` when there are fewer.
    func skip(_ records: Int64) throws(FileError) {
        while record < records {
            guard try reader.next() != nil else {
                throw FileError(
                    .changed, file: file.path, line: reader.line,
                    reason: "ends after \(record) rows, but \(records) rows of it are loaded already")
            }
            record += 1
        }
    }

    /// The next rows, at most `limit`; `nil` at the end of the file.
    func nextChunk(limit: Int) throws(FileError) -> InteractionChunk? {
        var chunk = InteractionChunk()
        chunk.interactions.reserveCapacity(min(limit, 1 << 16))
        while chunk.records < limit, let step = try reader.next() {
            switch step {
            case .problem(let problem):
                chunk.rejects.append(Reject(line: problem.line, reason: problem.reason))
            case .record:
                do throws(InvalidInteraction) {
                    let interaction = try self.interaction()
                    if !file.columns.attributes.isEmpty { collectAttributes(of: interaction.item, into: &chunk) }
                    chunk.interactions.append(interaction)
                } catch {
                    chunk.rejects.append(Reject(line: reader.line, reason: error.description))
                }
            }
            record += 1
        }
        chunk.bytesRead = reader.bytes.read
        return chunk.records > 0 ? chunk : nil
    }

    private func interaction() throws(InvalidInteraction) -> Interaction {
        let columns = file.columns
        let timestamp = try self.timestamp(columns)
        if !file.covered.isEmpty, let cover = file.covered.first(where: { $0.days.contains(timestamp.dayNumber) }) {
            throw InvalidInteraction(field: "row", reason: "overlaps \(cover.file)")
        }
        return try Interaction(
            user: UserID(reader.text(columns.user)), item: ItemID(reader.text(columns.item)), kind: try kind(columns),
            timestamp: timestamp, weight: try weight(columns))
    }

    private func timestamp(_ columns: InteractionColumns) throws(InvalidInteraction) -> Timestamp {
        let bytes = columns.time.map { reader.bytes($0) } ?? []
        if file.isUntimed {
            guard bytes.isEmpty else {
                throw InvalidInteraction(
                    field: "timestamp", reason: "is filled, but empty in the first row of the file")
            }
            return Timestamp(milliseconds: Self.untimed)
        }
        guard !bytes.isEmpty else { throw InvalidInteraction(field: "timestamp", reason: "is empty") }
        guard let timestamp = Timestamp(field: bytes) else {
            throw InvalidInteraction(
                field: "timestamp", reason: "is not a day, an ISO 8601 time or a Unix time that exists")
        }
        guard timestamp <= latest else {
            throw InvalidInteraction(field: "timestamp", reason: "lies in the future")
        }
        return timestamp
    }

    private func kind(_ columns: InteractionColumns) throws(InvalidInteraction) -> InteractionKind {
        guard let column = columns.event else { return columns.kind }
        let bytes = reader.bytes(column)
        if bytes.isEmpty { return columns.kind }
        if bytes.elementsEqual(kindBytes) { return kind }
        guard let kind = InteractionKind(reader.text(column).lowercased()) else {
            throw InvalidInteraction(
                field: "event", reason: "is not a name of at most 32 letters a to z, digits, _ and -")
        }
        kindBytes = Array(bytes)
        self.kind = kind
        return kind
    }

    private func weight(_ columns: InteractionColumns) throws(InvalidInteraction) -> Float {
        guard let column = columns.weight else { return 1 }
        let bytes = reader.bytes(column)
        if bytes.isEmpty {
            guard columns.needsWeight else { return 1 }
            throw InvalidInteraction(field: "weight", reason: "is empty")
        }
        guard let weight = RecFiles.weight(field: bytes) else {
            throw InvalidInteraction(field: "weight", reason: "is not a number")
        }
        return weight
    }

    private func collectAttributes(of item: ItemID, into chunk: inout InteractionChunk) {
        for attribute in file.columns.attributes where !reader.bytes(attribute.column).isEmpty {
            chunk.attributes[item, default: [:]][attribute.name] = reader.text(attribute.column)
        }
    }
}
