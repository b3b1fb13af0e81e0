// Elements that workers write before they become a column.

/// Memory for `count` elements, not initialised. Who writes where is the owner's business; it may become a ``Column`` when all are
/// written.
final class ColumnBuffer<Element: BitwiseCopyable & Sendable>: @unchecked Sendable {
    let count: Int
    let base: UnsafeMutablePointer<Element>
    init(_ count: Int) {
        self.count = count
        base = LargePages.allocate(count, of: Element.self)
    }
    deinit { LargePages.free(base) }

    /// Writes elements from a place on.
    func write(_ elements: [Element], at place: Int) {
        precondition(
            place >= 0 && place + elements.count <= count, "\(elements.count) elements at \(place) of \(count)")
        elements.withUnsafeBufferPointer { from in
            if let start = from.baseAddress { (base + place).initialize(from: start, count: from.count) }
        }
    }

    /// Sorts some of the elements where they stand. - Complexity: O(n log n).
    func sort(_ range: Range<Int>, by isBefore: (Element, Element) -> Bool) {
        var part = UnsafeMutableBufferPointer(start: base + range.lowerBound, count: range.count)
        part.sort(by: isBefore)
    }

    /// The elements, which nobody writes any more.
    var column: Column<Element> { column(count) }

    /// The first elements, when nobody writes any more.
    func column(_ count: Int) -> Column<Element> {
        precondition(count >= 0 && count <= self.count, "\(count) of \(self.count) elements")
        return Column(owner: self, elements: UnsafeBufferPointer(start: base, count: count))
    }
}
