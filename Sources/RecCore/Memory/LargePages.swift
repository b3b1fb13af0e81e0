// Memory of columns, in large pages where the system has them.
import CMalloc

/// Memory for many elements, not initialised. From one megabyte on it asks for pages of 2 MiB.
enum LargePages {
    /// Give it back with ``free(_:)``.
    static func allocate<Element: BitwiseCopyable>(_ count: Int, of type: Element.Type) -> UnsafeMutablePointer<Element>
    {
        let (bytes, isTooLarge) = max(1, count).multipliedReportingOverflow(by: MemoryLayout<Element>.stride)
        guard !isTooLarge, let memory = rec_allocate(bytes, MemoryLayout<Element>.alignment) else {
            preconditionFailure("no memory for \(count) elements of \(MemoryLayout<Element>.stride) bytes")
        }
        return memory.bindMemory(to: Element.self, capacity: max(1, count))
    }

    static func free(_ memory: UnsafeMutableRawPointer) { rec_free(memory) }
}
