// Immutable contiguous elements, owned or mapped from a file: what id tables, matrices and factors are made of.

/// A fixed sequence of plain values at one place in memory. Copying a column shares the elements.
///
/// Built from an array the column owns its memory; built from a mapped file the pages come from the file when they are touched.
public struct Column<Element: BitwiseCopyable & Sendable>: RandomAccessCollection, Sendable {
    /// Keeps the memory alive. Its content never changes after `init`, which is what makes sharing between threads safe.
    private final class Owned: @unchecked Sendable {
        let elements: UnsafeMutableBufferPointer<Element>
        init(count: Int) {
            elements = UnsafeMutableBufferPointer(
                start: LargePages.allocate(count, of: Element.self), count: count)
        }
        deinit { if let base = elements.baseAddress { LargePages.free(base) } }
    }

    private let owner: any AnyObject & Sendable
    // Points into memory that `owner` keeps and nobody writes to.
    private nonisolated(unsafe) let elements: UnsafeBufferPointer<Element>

    public var startIndex: Int { 0 }
    public var endIndex: Int { elements.count }

    /// Copies the array into memory of the column's own.
    public init(_ array: [Element] = []) {
        self.init(array.count) { buffer in
            _ = buffer.update(fromContentsOf: array)
        }
    }

    /// Makes `count` elements; `fill` must write all of them.
    init(_ count: Int, fill: (UnsafeMutableBufferPointer<Element>) throws -> Void) rethrows {
        let owned = Owned(count: count)
        try fill(owned.elements)
        owner = owned
        elements = UnsafeBufferPointer(owned.elements)
    }

    init(owner: any AnyObject & Sendable, elements: UnsafeBufferPointer<Element>) {
        self.owner = owner
        self.elements = elements
    }

    public subscript(index: Int) -> Element {
        precondition(index >= 0 && index < elements.count, "index \(index) outside 0..<\(elements.count)")
        // The owner must outlive the read: the optimizer may end its life at its last mention.
        defer { _fixLifetime(owner) }
        return elements[index]
    }

    /// Lends the elements for the time of the call.
    public func withUnsafeBufferPointer<R, E: Error>(_ body: (UnsafeBufferPointer<Element>) throws(E) -> R) throws(E)
        -> R
    {
        defer { _fixLifetime(owner) }
        return try body(elements)
    }

    public func withContiguousStorageIfAvailable<R>(_ body: (UnsafeBufferPointer<Element>) throws -> R) rethrows -> R? {
        defer { _fixLifetime(owner) }
        return try body(elements)
    }
}

extension Column {
    /// The elements as a piece of a file to be written.
    func withPiece<R, E: Error>(_ body: (FilePiece) throws(E) -> R) throws(E) -> R {
        defer { _fixLifetime(owner) }
        return try body(FilePiece(bytes: UnsafeRawBufferPointer(elements), isMapped: owner is MappedFile))
    }

    /// The elements as the bytes a file holds.
    func withBytes<R, E: Error>(_ body: (UnsafeRawBufferPointer) throws(E) -> R) throws(E) -> R {
        defer { _fixLifetime(owner) }
        return try body(UnsafeRawBufferPointer(elements))
    }
}

extension Column {
    /// Gives back the memory that pages of a mapped file take; they are read again when they are touched. Elements in memory of
    /// their own stay.
    func giveBack() { withPiece { if $0.isMapped { MappedFile.giveBack($0.bytes) } } }

    /// The same elements in memory of their own.
    func copied() -> Column { Column(joining: [self[...]]) }
}

extension Column {
    /// The pieces one behind the other, in memory of its own. - Complexity: O(elements), at the speed of copying memory.
    init(joining pieces: [SubSequence]) {
        self.init(pieces.reduce(0) { $0 + $1.count }) { buffer in
            var place = 0
            for piece in pieces where !piece.isEmpty {
                piece.base.withUnsafeBufferPointer { all in
                    let source = UnsafeBufferPointer(rebasing: all[piece.startIndex..<piece.endIndex])
                    _ = UnsafeMutableBufferPointer(rebasing: buffer[place..<(place + source.count)])
                        .update(fromContentsOf: source)
                }
                place += piece.count
            }
        }
    }

    /// The same elements, and `value` behind them until there are `count`; the very same column when there are enough.
    func padded(to count: Int, with value: Element) -> Column {
        guard count > self.count else { return self }
        return Column(joining: [self[...], Column(Array(repeating: value, count: count - self.count))[...]])
    }
}
