// A file as memory: pages are read when touched, and shared by all processes that map the same version.
#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// What went wrong with a file, in the words of the operating system.
public struct FileError: Error, Sendable, CustomStringConvertible {
    public let operation: String
    public let path: String
    public let code: Int32
    public init(_ operation: String, _ path: String, code: Int32 = errno) {
        (self.operation, self.path, self.code) = (operation, path, code)
    }
    var isNoSpace: Bool { code == ENOSPC || code == EDQUOT }
    public var description: String { "cannot \(operation) \(path): \(String(cString: strerror(code)))" }
}

/// A read-only private mapping of a whole regular file. Published files are never changed in place, so the bytes stay.
final class MappedFile: @unchecked Sendable {
    let bytes: UnsafeRawBufferPointer

    init(path: String) throws(FileError) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        guard descriptor >= 0 else { throw FileError("open", path) }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw FileError("examine", path) }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw FileError("map (not a regular file)", path, code: EINVAL)
        }
        let size = Int(status.st_size)
        guard size > 0 else {
            bytes = UnsafeRawBufferPointer(start: nil, count: 0)
            return
        }
        guard let address = mmap(nil, size, PROT_READ, MAP_PRIVATE, descriptor, 0), address != MAP_FAILED else {
            throw FileError("map", path)
        }
        bytes = UnsafeRawBufferPointer(start: address, count: size)
    }

    deinit {
        if let address = bytes.baseAddress { munmap(UnsafeMutableRawPointer(mutating: address), bytes.count) }
    }

    /// `count` elements from byte `offset` on; the caller has checked that they lie inside and are aligned.
    func column<Element: BitwiseCopyable & Sendable>(of type: Element.Type, offset: Int, count: Int) -> Column<Element>
    {
        precondition(offset >= 0 && count >= 0 && offset + count * MemoryLayout<Element>.stride <= bytes.count)
        guard count > 0, let start = bytes.baseAddress else { return Column() }
        let typed = (start + offset).bindMemory(to: Element.self, capacity: count)
        return Column(owner: self, elements: UnsafeBufferPointer(start: typed, count: count))
    }
}
