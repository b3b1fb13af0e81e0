// Elements that workers write before they become a column.

/// Memory for `count` elements, not initialised. Who writes where is the owner's business; it becomes a ``Column`` when all are
/// written.
final class ColumnBuffer<Element: BitwiseCopyable & Sendable>: @unchecked Sendable {
    let count: Int
    let base: UnsafeMutablePointer<Element>
    init(_ count: Int) {
        self.count = count
        base = .allocate(capacity: max(1, count))
    }
    deinit { base.deallocate() }

    /// Sorts some of the elements where they stand. - Complexity: O(n log n).
    func sort(_ range: Range<Int>, by isBefore: (Element, Element) -> Bool) {
        var part = UnsafeMutableBufferPointer(start: base + range.lowerBound, count: range.count)
        part.sort(by: isBefore)
    }

    /// The elements, which nobody writes any more.
    var column: Column<Element> { Column(owner: self, elements: UnsafeBufferPointer(start: base, count: count)) }
}
