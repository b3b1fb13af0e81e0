// Files that are whole or not there: write, fsync, rename, fsync of the folder.
import Crypto  // SHA-256 of what is written.

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Bytes to be written.
struct FilePiece {
    let bytes: UnsafeRawBufferPointer
    /// Whether they are those of a ``MappedFile``, whose pages may be given back as soon as they are written.
    let isMapped: Bool
}

/// Writing with the checks and the flushes that a crash at any point asks for.
enum DurableFile {
    /// Writes the pieces one behind the other into a new file, which nobody may write to again and only its owner may read, and flushes
    /// it to disk.
    @discardableResult
    static func write(_ pieces: [FilePiece], to path: String) throws(FileFailure) -> Written {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o400)
        guard descriptor >= 0 else { throw FileFailure("create", path) }
        var isOpen = true
        defer { if isOpen { close(descriptor) } }
        var hash = SHA256()
        var total = 0
        for piece in pieces {
            let bytes = piece.bytes
            var done = 0
            while done < bytes.count {
                let chunk = UnsafeRawBufferPointer(rebasing: bytes[done..<min(bytes.count, done + (1 << 24))])
                #if canImport(Glibc)
                    let written = Glibc.write(descriptor, chunk.baseAddress, chunk.count)
                #else
                    let written = Darwin.write(descriptor, chunk.baseAddress, chunk.count)
                #endif
                if written < 0 {
                    if errno == EINTR { continue }
                    throw FileFailure("write", path)
                }
                hash.update(bufferPointer: UnsafeRawBufferPointer(rebasing: chunk[..<written]))
                if piece.isMapped { MappedFile.giveBack(chunk) }
                done += written
            }
            total += bytes.count
        }
        guard isFlushed(descriptor) else { throw FileFailure("flush", path) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw FileFailure("examine", path) }
        isOpen = false
        guard close(descriptor) == 0 else { throw FileFailure("close", path) }
        return Written(bytes: total, sha256: hexadecimal(hash.finalize()), stamp: FileStamp(status))
    }

    /// Puts a file with these bytes in the place of the one that is there, if any: a reader sees the old one or the new one.
    ///
    /// Two that do it at the same time must exclude each other.
    static func replace(_ path: String, with bytes: some Sequence<UInt8>) throws(FileFailure) {
        let folder = FolderPath.above(path)
        let name = path.split(separator: "/").last ?? ""
        let temporary = "\(folder)/.new-\(name)"
        remove(temporary)
        _ = try Column(Array(bytes)).withPiece { piece throws(FileFailure) in try write([piece], to: temporary) }
        try rename(temporary, to: path)
        try flushFolder(folder)
    }

    /// A file that was written: its size, its SHA-256 (hexadecimal), and what the system says of it.
    struct Written: Sendable {
        let bytes: Int
        let sha256: String
        let stamp: FileStamp
    }

    static func sha256(_ bytes: UnsafeRawBufferPointer) -> String {
        var hash = SHA256()
        hash.update(bufferPointer: bytes)
        return hexadecimal(hash.finalize())
    }

    private static func hexadecimal(_ digest: SHA256.Digest) -> String {
        let digits = Array("0123456789abcdef".utf8)
        var text: [UInt8] = []
        for byte in digest { text += [digits[Int(byte >> 4)], digits[Int(byte & 15)]] }
        return String(decoding: text, as: UTF8.self)
    }

    /// Runs `body` while no other process holds the lock of this file, which is made when it is missing. Where no lock can be had,
    /// as on some network disks, it runs without.
    static func locked<R, E: Error>(_ path: String, _ body: () throws(E) -> R) throws(E) -> R {
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        defer { if descriptor >= 0 { close(descriptor) } }
        if descriptor >= 0 { while flock(descriptor, LOCK_EX) != 0, errno == EINTR {} }
        return try body()
    }

    /// Brings what was written to a file onto its disk.
    private static func isFlushed(_ descriptor: Int32) -> Bool {
        #if canImport(Darwin)
            // There, fsync leaves it to the disk when; not every file system has the other call.
            if fcntl(descriptor, F_FULLFSYNC) == 0 { return true }
        #endif
        return fsync(descriptor) == 0
    }

    static func flushFolder(_ path: String) throws(FileFailure) {
        let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw FileFailure("open folder", path) }
        defer { close(descriptor) }
        guard isFlushed(descriptor) else { throw FileFailure("flush folder", path) }
    }

    /// Makes a folder for its owner alone; one that is there stays as it is.
    static func makeFolder(_ path: String) throws(FileFailure) {
        if mkdir(path, 0o700) != 0, errno != EEXIST { throw FileFailure("make folder", path) }
    }

    static func rename(_ from: String, to: String) throws(FileFailure) {
        #if canImport(Glibc)
            let result = Glibc.rename(from, to)
        #else
            let result = Darwin.rename(from, to)
        #endif
        guard result == 0 else { throw FileFailure("rename", from) }
    }

    static func remove(_ path: String) { unlink(path) }

    static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

    /// Names in a folder, without the dots; empty when it cannot be read.
    static func names(in path: String) -> [String] {
        guard let folder = opendir(path) else { return [] }
        defer { closedir(folder) }
        var names: [String] = []
        while let entry = readdir(folder) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { tuple in
                tuple.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != "." && name != ".." { names.append(name) }
        }
        return names
    }

    /// Removes a folder of plain files; what cannot be removed stays.
    static func removeFolder(_ path: String) {
        for name in names(in: path) { unlink(path + "/" + name) }
        rmdir(path)
    }
}
