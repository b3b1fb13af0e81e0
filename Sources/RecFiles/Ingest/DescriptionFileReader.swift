// Turns the rows of a file that describes items or users into ids and attributes, chunk by chunk.
import RecCore

/// Some rows of such a file, good and bad.
struct DescriptionChunk: Sendable {
    struct Row: Sendable {
        let id: String
        let attributes: [String: String]
    }
    var rows: [Row] = []
    var rejects: [Reject] = []
    var records: Int { rows.count + rejects.count }
    var bytesRead: Int64 = 0
}

/// Reads one file of items or users. Blocking; lives on the ingest's file queue.
final class DescriptionFileReader {
    private let subject: IngestSubject
    private let columns: DescriptionColumns
    private let reader: CSVReader

    init(_ file: IngestPlan.Description, separator: CSVSeparator) throws(FileError) {
        (subject, columns) = (file.subject, file.columns)
        reader = try CSVReader(path: file.path, separator: separator)
        _ = try reader.readHeader()
    }

    /// The next rows, at most `limit`; `nil` at the end of the file.
    func nextChunk(limit: Int) throws(FileError) -> DescriptionChunk? {
        var chunk = DescriptionChunk()
        while chunk.records < limit, let step = try reader.next() {
            switch step {
            case .problem(let problem):
                chunk.rejects.append(Reject(line: problem.line, reason: problem.reason))
            case .record:
                let id = reader.text(columns.id)
                if let fault = IdentifierRule.fault(id) {
                    let name = subject == .users ? "user" : "item"
                    chunk.rejects.append(Reject(line: reader.line, reason: "\(name) \(fault)"))
                    continue
                }
                var attributes: [String: String] = [:]
                for attribute in columns.attributes where !reader.bytes(attribute.column).isEmpty {
                    attributes[attribute.name] = reader.text(attribute.column)
                }
                chunk.rows.append(DescriptionChunk.Row(id: id, attributes: attributes))
            }
        }
        chunk.bytesRead = reader.bytes.read
        return chunk.records > 0 ? chunk : nil
    }
}
