// Tells one content of a file from another under the same name.
import Foundation

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

/// FNV-1a, 64 bits, in hexadecimal. Source: G. Fowler, L. C. Noll, K.-P. Vo, the FNV non-cryptographic hash.
func hashText(_ bytes: some Sequence<UInt8>) -> String {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
    return String(hash, radix: 16)
}
