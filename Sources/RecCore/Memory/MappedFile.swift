// A file as memory: pages are read when touched, and shared by all processes that map the same version.
#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// What went wrong with a file, in the words of the operating system.
struct FileFailure: Error, Sendable, CustomStringConvertible {
    let operation: String
    let path: String
    let code: Int32
    init(_ operation: String, _ path: String, code: Int32 = errno) {
        (self.operation, self.path, self.code) = (operation, path, code)
    }
    var isNoSpace: Bool { code == ENOSPC || code == EDQUOT }
    var description: String { "cannot \(operation) \(path): \(String(cString: strerror(code)))" }
}

/// A read-only private mapping of a whole regular file. Published files are never changed in place, so the bytes stay.
final class MappedFile: @unchecked Sendable {
    private let bytes: UnsafeRawBufferPointer
    /// Of the file when it was opened.
    let stamp: FileStamp
    var count: Int { bytes.count }

    init(path: String) throws(FileFailure) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
        guard descriptor >= 0 else { throw FileFailure("open", path) }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw FileFailure("examine", path) }
        stamp = FileStamp(status)
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw FileFailure("map (not a regular file)", path, code: EINVAL)
        }
        let size = Int(status.st_size)
        guard size > 0 else {
            bytes = UnsafeRawBufferPointer(start: nil, count: 0)
            return
        }
        guard let address = mmap(nil, size, PROT_READ, MAP_PRIVATE, descriptor, 0), address != MAP_FAILED else {
            throw FileFailure("map", path)
        }
        bytes = UnsafeRawBufferPointer(start: address, count: size)
    }

    deinit {
        if let address = bytes.baseAddress { munmap(UnsafeMutableRawPointer(mutating: address), bytes.count) }
    }

    /// Lends the bytes; the mapping lives at least as long as `body` runs.
    func withBytes<R, E: Error>(_ body: (UnsafeRawBufferPointer) throws(E) -> R) throws(E) -> R {
        defer { withExtendedLifetime(self) {} }
        return try body(bytes)
    }

    /// Gives the whole pages of a part of a mapping back: they are read from the file again when they are touched.
    ///
    /// The bytes must be those of a mapping: memory of any other kind would lose them.
    static func giveBack(_ bytes: UnsafeRawBufferPointer) {
        guard let start = bytes.baseAddress else { return }
        let page = Int(sysconf(Int32(_SC_PAGESIZE)))
        let first = (Int(bitPattern: start) + page - 1) / page * page
        let end = (Int(bitPattern: start) + bytes.count) / page * page
        guard end > first, let address = UnsafeMutableRawPointer(bitPattern: first) else { return }
        madvise(address, end - first, MADV_DONTNEED)
    }

    /// A copy of the whole file.
    var content: [UInt8] { withBytes { Array($0) } }

    /// `count` elements from byte `offset` on; the caller has checked that they lie inside and are aligned.
    func column<Element: BitwiseCopyable & Sendable>(of type: Element.Type, offset: Int, count: Int) -> Column<Element>
    {
        precondition(offset >= 0 && count >= 0 && offset + count * MemoryLayout<Element>.stride <= bytes.count)
        guard count > 0, let start = bytes.baseAddress else { return Column() }
        let typed = (start + offset).bindMemory(to: Element.self, capacity: count)
        return Column(owner: self, elements: UnsafeBufferPointer(start: typed, count: count))
    }
}
