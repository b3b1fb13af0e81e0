// The list of refused rows: file, line, reason, and nothing of the rows themselves.
import Foundation

/// One refused row: its line in the file (1 = the header), and why.
public struct Reject: Sendable, Hashable {
    /// 1 = the header.
    public let line: Int64
    /// What is wrong with it, without its content.
    public let reason: String
}

/// A CSV file that grows with the ingest. Rows are written before the store holds the chunk they belong to, so that after a
/// crash it may list rows that were not counted yet: opening it takes those away again.
final class RejectFile {
    private let writer: FileWriter
    static let header = "file,line,reason"

    /// Opens the list, keeping earlier rows only as far as the store has counted them.
    /// - Parameter counted: how many rows of a source are in the store; rows of other sources all stay.
    init(path: String, counted: [String: Int64]) throws(FileError) {
        if FileManager.default.fileExists(atPath: path) {
            try Self.trim(path, counted: counted)
        } else {
            let fresh = try FileWriter(replacing: path, mode: 0o600)
            try fresh.append { $0.append(contentsOf: (Self.header + "\n").utf8) }
            try fresh.commit()
        }
        writer = try FileWriter(appendingTo: path)
    }

    private static func trim(_ path: String, counted: [String: Int64]) throws(FileError) {
        let reader = try CSVReader(path: path)
        let found = (try? reader.readHeader()) ?? []
        guard found == header.split(separator: ",").map(String.init) else {
            throw FileError(
                .exists, file: path, reason: "is not a list of refused rows; name another file with --rejects")
        }
        var left = counted
        let writer = try FileWriter(replacing: path, mode: 0o600)
        try writer.append { $0.append(contentsOf: (header + "\n").utf8) }
        while let step = try reader.next() {
            guard case .record = step else { continue }
            let source = reader.text(0)
            if let count = left[source] {
                if count <= 0 { continue }
                left[source] = count - 1
            }
            let (line, reason) = (reader.text(1), reader.text(2))
            try writer.append { Self.add(source, line, reason, to: &$0) }
        }
        try writer.commit()
    }

    /// Adds rows and hands them to the system.
    func append(_ rejects: [Reject], of source: String) throws(FileError) {
        guard !rejects.isEmpty else { return }
        for reject in rejects {
            try writer.append { Self.add(source, String(reject.line), reject.reason, to: &$0) }
        }
        try writer.flush()
    }

    private static func add(_ source: String, _ line: String, _ reason: String, to buffer: inout [UInt8]) {
        buffer.appendCSV(source)
        buffer.append(0x2c)
        buffer.append(contentsOf: line.utf8)
        buffer.append(0x2c)
        buffer.appendCSV(reason)
        buffer.append(0x0a)
    }
}
