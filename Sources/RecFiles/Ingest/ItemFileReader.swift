// Turns the rows of one file into catalogue items, chunk by chunk.
import RecCore

/// Some rows of an items file, good and bad.
struct ItemChunk: Sendable {
    var items: [CatalogItem] = []
    var rejects: [Reject] = []
    var records: Int { items.count + rejects.count }
    var bytesRead: Int64 = 0
}

/// Reads one file of items. Blocking; lives on the ingest's file queue.
final class ItemFileReader {
    private let columns: ItemColumns
    private let reader: CSVReader

    init(_ file: IngestPlan.Items, separator: CSVSeparator) throws(FileError) {
        columns = file.columns
        reader = try CSVReader(path: file.path, separator: separator)
        _ = try reader.readHeader()
    }

    /// The next rows, at most `limit`; `nil` at the end of the file.
    func nextChunk(limit: Int) throws(FileError) -> ItemChunk? {
        var chunk = ItemChunk()
        while chunk.records < limit, let step = try reader.next() {
            switch step {
            case .problem(let problem):
                chunk.rejects.append(Reject(line: problem.line, reason: problem.reason))
            case .record:
                let id = reader.text(columns.id)
                if let reason = Self.whyNotAnID(id) {
                    chunk.rejects.append(Reject(line: reader.line, reason: reason))
                    continue
                }
                var attributes: [String: String] = [:]
                for attribute in columns.attributes where !reader.bytes(attribute.column).isEmpty {
                    attributes[attribute.name] = reader.text(attribute.column)
                }
                chunk.items.append(CatalogItem(id: ItemID(id), attributes: attributes))
            }
        }
        chunk.bytesRead = reader.bytes.read
        return chunk.records > 0 ? chunk : nil
    }

    private static func whyNotAnID(_ text: String) -> String? {
        if text.isEmpty { return "item is empty" }
        if text.utf8.count > 255 { return "item is longer than 255 bytes" }
        if text.utf8.contains(where: { $0 < 32 || $0 == 127 }) { return "item holds a control character" }
        return nil
    }
}
