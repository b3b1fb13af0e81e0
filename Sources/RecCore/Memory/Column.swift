// Immutable contiguous elements, owned or mapped from a file: what id tables, matrices and factors are made of.

/// A fixed sequence of plain values at one place in memory. Copying a column shares the elements.
///
/// Built from an array the column owns its memory; built by ``MappedFile`` the pages come from the file when they are touched.
public struct Column<Element: BitwiseCopyable & Sendable>: RandomAccessCollection, Sendable {
    /// Keeps the memory alive. Its content never changes after `init`, which is what makes sharing between threads safe.
    private final class Owned: @unchecked Sendable {
        let elements: UnsafeMutableBufferPointer<Element>
        init(count: Int) { elements = .allocate(capacity: count) }
        deinit { elements.deallocate() }
    }

    private let owner: any AnyObject & Sendable
    // Points into memory that `owner` keeps and nobody writes to.
    private nonisolated(unsafe) let elements: UnsafeBufferPointer<Element>

    /// Whether the elements are those of a file.
    var isMapped: Bool { owner is MappedFile }

    public var startIndex: Int { 0 }
    public var endIndex: Int { elements.count }

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
    /// The elements as the bytes a file holds.
    func withBytes<R, E: Error>(_ body: (UnsafeRawBufferPointer) throws(E) -> R) throws(E) -> R {
        defer { _fixLifetime(owner) }
        return try body(UnsafeRawBufferPointer(elements))
    }
}

extension Column {
    /// The same elements in memory of their own.
    func copied() -> Column { Column(joining: [self[...]]) }
}

// Whole arrays are looked at without a check at each element, so that the compiler can use vectors.
extension Column where Element: FixedWidthInteger {
    /// Whether every element is at least `low` and below `high`. - Complexity: O(count).
    func lie(from low: Int, below high: Int) -> Bool {
        guard count > 0 else { return true }
        return withUnsafeBufferPointer { all in
            var (least, most) = (all[0], all[0])
            for element in all {
                least = Swift.min(least, element)
                most = Swift.max(most, element)
            }
            return Int(least) >= low && Int(most) < high
        }
    }

    /// Whether no element is less than the one before. - Complexity: O(count).
    var areAscending: Bool {
        withUnsafeBufferPointer { all in
            var falls = 0
            for place in 1..<Swift.max(1, all.count) where all[place] < all[place - 1] { falls += 1 }
            return falls == 0
        }
    }
}

extension Column<Float> {
    /// Whether every element is finite. - Complexity: O(count).
    var areFinite: Bool {
        withUnsafeBufferPointer { all in
            // x * 0 is 0 for a finite x and NaN otherwise; NaN stays NaN in a sum.
            var sums = SIMD8<Float>.zero
            let groups = all.count / 8
            for group in 0..<groups {
                sums += UnsafeRawPointer(all.baseAddress! + group * 8).loadUnaligned(as: SIMD8<Float>.self) * 0
            }
            var rest: Float = sums.sum()
            for place in (groups * 8)..<all.count { rest += all[place] * 0 }
            return rest == 0
        }
    }
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
