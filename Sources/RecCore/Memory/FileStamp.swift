// How to see whether anybody touched a file.
#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// What the operating system says of a file, which changes whenever anybody writes to it or puts another in its place.
struct FileStamp: Sendable, Equatable, Codable {
    let node: UInt64
    let bytes: Int64
    /// Last write and last change of anything, nanoseconds since 1970. Nobody but the clock can set the second one.
    let written: Int64
    let changed: Int64

    init(_ status: stat) {
        #if canImport(Glibc)
            let (write, change) = (status.st_mtim, status.st_ctim)
        #else
            let (write, change) = (status.st_mtimespec, status.st_ctimespec)
        #endif
        func nanoseconds(_ time: timespec) -> Int64 { Int64(time.tv_sec) &* 1_000_000_000 &+ Int64(time.tv_nsec) }
        (node, bytes) = (UInt64(truncatingIfNeeded: status.st_ino), Int64(status.st_size))
        (written, changed) = (nanoseconds(write), nanoseconds(change))
    }
}
