// The bytes of a file in blocks, plain or gzip (told by the first two bytes, not by the name).
import Foundation

/// Reads a regular file from front to back. Owns the file descriptor.
final class ByteSource {
    static let defaultBlockSize = 256 * 1024

    let path: String
    /// Bytes of the file on disk.
    let size: Int64
    /// Bytes of the file read so far (compressed ones for gzip).
    private(set) var bytesRead: Int64 = 0

    private let descriptor: Int32
    private let blockSize: Int
    /// Where a read puts its block.
    private var room: [UInt8]
    private var inflater: GzipInflater?
    private var isInsideMember = true
    private var input: [UInt8] = []
    private var inputStart = 0
    private var isFileRead = false

    /// - Throws: ``FileError``: not there, not a regular file, or not readable.
    init(path: String, blockSize: Int = defaultBlockSize) throws(FileError) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else {
            let code = errno
            throw FileError(
                code == ENOENT ? .notFound : .unreadable, file: path,
                reason: code == ENOENT ? "there is no such file" : "cannot be opened: \(systemErrorText(code))")
        }
        self.descriptor = descriptor
        self.path = path
        self.blockSize = max(1, blockSize)
        room = [UInt8](repeating: 0, count: self.blockSize)
        var status = stat()
        let isStated = fstat(descriptor, &status) == 0
        size = isStated ? Int64(status.st_size) : 0
        guard isStated, status.st_mode & S_IFMT == S_IFREG else {
            throw FileError(.unreadable, file: path, reason: "is not a regular file")
        }
        while input.count < 2, try readInput() {}
        if input.count >= 2, input[0] == 0x1f, input[1] == 0x8b {
            guard let inflater = GzipInflater(room: self.blockSize) else {
                throw FileError(.unreadable, file: path, reason: "zlib could not be started")
            }
            self.inflater = inflater
        }
    }

    deinit { close(descriptor) }

    /// Appends the next block; 0 = the end of the file.
    /// - Throws: ``FileError``: a read failed, or gzip data is cut off or damaged.
    func append(to buffer: inout [UInt8]) throws(FileError) -> Int {
        if let inflater { return try appendInflated(by: inflater, to: &buffer) }
        if inputStart == input.count {
            dropInput()
            guard try readInput() else { return 0 }
        }
        let count = input.count - inputStart
        buffer.append(contentsOf: input[inputStart...])
        inputStart = input.count
        return count
    }

    private func appendInflated(by inflater: GzipInflater, to buffer: inout [UInt8]) throws(FileError) -> Int {
        while true {
            if !isInsideMember, try !startNextMember(inflater) { return 0 }
            if inputStart == input.count {
                dropInput()
                _ = try readInput()
            }
            let progress = inflater.inflate(&input, from: inputStart, appendingTo: &buffer)
            inputStart += progress.consumed
            switch progress.status {
            case .damaged:
                throw FileError(.corrupt, file: path, reason: "its gzip data is damaged")
            case .memberEnded:
                isInsideMember = false
            case .going:
                if progress.produced == 0, progress.consumed == 0, inputStart == input.count, isFileRead {
                    throw FileError(.corrupt, file: path, reason: "its gzip data is cut off: the end is missing")
                }
            }
            if progress.produced > 0 { return progress.produced }
        }
    }

    /// Whether another gzip member follows; zeros behind the last one are padding.
    private func startNextMember(_ inflater: GzipInflater) throws(FileError) -> Bool {
        while input.count - inputStart < 2, try readInput() {}
        let rest = input[inputStart...]
        guard let first = rest.first else { return false }
        if first == 0x1f, rest.count >= 2, rest[inputStart + 1] == 0x8b {
            guard inflater.startMember() else {
                throw FileError(.corrupt, file: path, reason: "its gzip data is damaged")
            }
            isInsideMember = true
            return true
        }
        repeat {
            guard input[inputStart...].allSatisfy({ $0 == 0 }) else {
                throw FileError(.corrupt, file: path, reason: "other data follows its gzip data")
            }
            inputStart = input.count
            dropInput()
        } while try readInput()
        return false
    }

    private func dropInput() {
        input.removeSubrange(0..<inputStart)
        inputStart = 0
    }

    /// Appends one block of the file to `input`; false at its end.
    private func readInput() throws(FileError) -> Bool {
        guard !isFileRead else { return false }
        let count = readBytes(descriptor, into: &room)
        guard count >= 0 else {
            throw FileError(.unreadable, file: path, reason: "reading failed: \(systemErrorText(errno))")
        }
        input.append(contentsOf: room[..<count])
        bytesRead += Int64(count)
        if count == 0 { isFileRead = true }
        return count > 0
    }
}

/// `read(2)` again until it was not interrupted; -1 on failure.
private func readBytes(_ descriptor: Int32, into bytes: inout [UInt8]) -> Int {
    bytes.withUnsafeMutableBytes { room in
        while true {
            let result = read(descriptor, room.baseAddress, room.count)
            if result >= 0 || errno != EINTR { return result }
        }
    }
}

/// The system's words for an error number.
func systemErrorText(_ code: Int32) -> String { String(cString: strerror(code)) }
