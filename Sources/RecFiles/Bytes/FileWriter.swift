// Buffered writing of a file that appears under its name only when it is whole.
import Foundation
import RecCore

/// Writes to a temporary name beside the target; ``commit()`` makes it durable and renames it. Owns the file descriptor.
final class FileWriter {
    let path: String
    private let temporaryPath: String?
    private let descriptor: Int32
    private var buffer: [UInt8] = []
    private var isCommitted = false
    private static let bufferSize = 1 << 20

    /// Opens a temporary file that will become `path`.
    /// - Parameter mode: who may read it, as far as the umask lets them.
    init(replacing path: String, mode: mode_t = 0o644) throws(FileError) {
        self.path = path
        let temporary = path + ".part-\(getpid())"
        temporaryPath = temporary
        descriptor = try Self.open(temporary, flags: O_WRONLY | O_CREAT | O_TRUNC, mode: mode)
        buffer.reserveCapacity(Self.bufferSize + 4096)
    }

    /// Opens `path` itself to add to its end; one that was not there is its owner's alone.
    init(appendingTo path: String) throws(FileError) {
        self.path = path
        temporaryPath = nil
        descriptor = try Self.open(path, flags: O_WRONLY | O_CREAT | O_APPEND, mode: 0o600)
    }

    private static func open(_ path: String, flags: Int32, mode: mode_t) throws(FileError) -> Int32 {
        let descriptor = Foundation.open(path, flags | O_CLOEXEC, mode)
        guard descriptor >= 0 else {
            throw FileError(.unwritable, file: path, reason: "cannot be opened: \(systemErrorText(errno))")
        }
        return descriptor
    }

    deinit {
        close(descriptor)
        if !isCommitted, let temporaryPath { unlink(temporaryPath) }
    }

    /// Lets `fill` add bytes to the buffer, and writes the buffer out when it is full.
    func append(_ fill: (inout [UInt8]) -> Void) throws(FileError) {
        fill(&buffer)
        if buffer.count >= Self.bufferSize { try flush() }
    }

    /// Hands all bytes to the system: after this the death of the process loses nothing.
    func flush() throws(FileError) {
        var start = 0
        while start < buffer.count {
            let written = buffer[start...].withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
            if written < 0 {
                if errno == EINTR { continue }
                throw FileError(.unwritable, file: path, reason: "writing failed: \(systemErrorText(errno))")
            }
            start += written
        }
        buffer.removeAll(keepingCapacity: true)
    }

    /// Writes the rest, waits for the disk, and gives the file its name.
    func commit() throws(FileError) {
        try flush()
        guard fsync(descriptor) == 0 else {
            throw FileError(.unwritable, file: path, reason: "fsync failed: \(systemErrorText(errno))")
        }
        guard let temporaryPath else { return }
        guard rename(temporaryPath, path) == 0 else {
            throw FileError(.unwritable, file: path, reason: "renaming failed: \(systemErrorText(errno))")
        }
        isCommitted = true
        let folder = Foundation.open(FolderPath.above(path), O_RDONLY | O_CLOEXEC)
        guard folder >= 0 else { return }
        defer { close(folder) }
        guard fsync(folder) == 0 else {
            throw FileError(.unwritable, file: path, reason: "fsync of its folder failed: \(systemErrorText(errno))")
        }
    }
}
