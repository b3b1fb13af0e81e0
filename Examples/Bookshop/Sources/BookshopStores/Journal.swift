// A file of JSON lines that grows at its end: what every store of the shop is made of again when it opens.
import Foundation
import RecCore

/// A line is one change, whole or not there: the last line of a file that a crash cut off is dropped.
///
/// Blocks on the disk: an actor with a ``FileQueue`` owns it.
struct Journal<Line: Codable> {
    private let path: String
    private let file: FileHandle
    /// Bytes of whole lines.
    private var end: UInt64

    /// Opens the file, which is made when it is missing.
    /// - Parameter body: takes each line, the oldest first.
    /// - Throws: `.unavailable`, or `.corrupt` for a line that is not one of this journal.
    init(_ path: String, _ body: (Line) -> Void) throws(StorageError) {
        self.path = path
        if !FileManager.default.fileExists(atPath: path) {
            _ = FileManager.default.createFile(atPath: path, contents: nil)
        }
        guard let file = FileHandle(forUpdatingAtPath: path), let bytes = FileManager.default.contents(atPath: path)
        else { throw StorageError(.unavailable, operation: "journal.open", reason: "\(path) cannot be opened") }
        let whole = bytes.lastIndex(of: UInt8(ascii: "\n")).map { bytes[...$0] } ?? Data()
        for (number, line) in whole.split(separator: UInt8(ascii: "\n")).enumerated() {
            guard let line = try? JSONDecoder().decode(Line.self, from: line) else {
                throw StorageError(
                    .corrupt, operation: "journal.open", reason: "line \(number + 1) of \(path) cannot be read")
            }
            body(line)
        }
        (self.file, end) = (file, UInt64(whole.count))
        try attempt("journal.open") { try file.truncate(atOffset: end) }
    }

    /// Adds a line; when it returns, the line is on the disk.
    mutating func append(_ line: Line) throws(StorageError) {
        try attempt("journal.append") {
            let bytes = try JSONEncoder().encode(line) + [UInt8(ascii: "\n")]
            do {
                try file.seek(toOffset: end)
                try file.write(contentsOf: bytes)
                try file.synchronize()
            } catch {
                // What was written of a line is no line.
                try? file.truncate(atOffset: end)
                throw error
            }
            end += UInt64(bytes.count)
        }
    }

    private func attempt(_ operation: String, _ body: () throws -> Void) throws(StorageError) {
        do {
            try body()
        } catch {
            let isFull = (error as? CocoaError)?.code == .fileWriteOutOfSpace
            throw StorageError(
                isFull ? .full : .unavailable, operation: operation, reason: "\(path) cannot be written: \(error)")
        }
    }
}
