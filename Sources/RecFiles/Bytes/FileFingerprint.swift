// Tells one content of a file from another under the same name.
import Foundation
import RecCore

/// Size and hashes of head and tail: cheap for any size, and enough to notice another export or a file that grew.
struct FileFingerprint: Sendable, Hashable {
    private static let sample = 64 * 1024
    let text: String

    /// - Throws: ``FileError`` when the file cannot be read.
    init(path: String) throws(FileError) {
        guard let handle = FileHandle(forReadingAtPath: path) else {
            throw FileError(.notFound, file: path, reason: "cannot be opened")
        }
        defer { try? handle.close() }
        do {
            let size = try handle.seekToEnd()
            try handle.seek(toOffset: 0)
            let head = try handle.read(upToCount: Self.sample) ?? Data()
            try handle.seek(toOffset: size > UInt64(Self.sample) ? size - UInt64(Self.sample) : 0)
            let tail = try handle.read(upToCount: Self.sample) ?? Data()
            text = "\(size)-\(hashText(head))-\(hashText(tail))"
        } catch {
            throw FileError(.unreadable, file: path, reason: "reading failed: \(error.localizedDescription)")
        }
    }
}

/// ``FNV1a`` in hexadecimal.
func hashText(_ bytes: some Sequence<UInt8>) -> String { String(FNV1a.hash(bytes), radix: 16) }
