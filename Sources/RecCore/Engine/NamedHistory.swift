// History whose rows all have event ids.

/// Reads history in pages, and names the rows without an event id by their place: `h` and twelve digits.
///
/// Whoever fills windows from history reads it so: windows of all origins then agree, and the same row is the same event in
/// every run. Other events may not have ids of this form.
public struct NamedHistory: Sendable {
    /// Rows that follow each other without a gap.
    public struct Page: Sendable {
        /// In the order they were stored, each with an event id; empty = the end.
        public let interactions: [Interaction]
        /// Before the first of them.
        public let firstOffset: Int64
        /// Where the next page begins.
        public let nextOffset: Int64
        /// Rows that were asked for.
        fileprivate let limit: Int
    }

    private let store: any InteractionStore
    private let pageSize: Int

    /// - Parameters:
    ///   - store: the history to read.
    ///   - pageSize: rows of a page at most.
    public init(_ store: any InteractionStore, pageSize: Int) {
        (self.store, self.pageSize) = (store, max(1, pageSize))
    }

    /// The rows behind an offset; an empty page = the end.
    ///
    /// Where the store left numbers out, places are told by asking for fewer rows, and pages grow again step by step: where
    /// numbers are missing, they often are again.
    /// - Parameters:
    ///   - offset: behind which to begin; 0 = from the start.
    ///   - page: the page before, if this run read one.
    public func page(after offset: Int64, behind page: Page? = nil) async throws(StorageError) -> Page {
        var limit = min(pageSize, page.map { $0.limit * 2 } ?? pageSize)
        while true {
            let found = try await store.page(after: offset, limit: limit)
            if let rows = Self.named(found, after: offset) {
                // Whoever asks may have come by an offset in any way, such as behind the last there can be.
                let first = found.nextOffset &- Int64(rows.count) &+ 1
                return Page(interactions: rows, firstOffset: first, nextOffset: found.nextOffset, limit: limit)
            }
            limit = max(1, min(limit, found.interactions.count) / 2)
        }
    }

    /// `nil` when the places cannot be told: the store left numbers out between these rows.
    private static func named(_ page: HistoryPage, after offset: Int64) -> [Interaction]? {
        let count = Int64(page.interactions.count)
        guard count > 0 else { return [] }
        let (first, overflow) = page.nextOffset.subtractingReportingOverflow(count - 1)
        guard !overflow, count == 1 || first == offset &+ 1 else { return nil }
        return page.interactions.enumerated().map { place, row in
            guard row.event == nil else { return row }
            return
                (try? Interaction(
                    event: eventID(ofRow: first + Int64(place)), user: row.user, item: row.item, kind: row.kind,
                    timestamp: row.timestamp, weight: row.weight)) ?? row
        }
    }

    /// The event id of a row of history: `h` and the offset in twelve digits, so that the order of ids is the order of
    /// rows.
    public static func eventID(ofRow offset: Int64) -> EventID {
        guard (0..<1_000_000_000_000).contains(offset) else { return EventID("h\(offset)") }
        let name = String(unsafeUninitializedCapacity: 13) { bytes in
            var rest = offset
            for place in (1...12).reversed() {
                bytes[place] = UInt8(ascii: "0") + UInt8(rest % 10)
                rest /= 10
            }
            bytes[0] = UInt8(ascii: "h")
            return 13
        }
        return EventID(name)
    }

    /// Whether an event is a row of history that was named here: history has it already, so it is not added once more.
    public static func isOfHistory(_ event: Interaction) -> Bool { event.event.map(isNameOfRow) ?? false }

    /// Whether an id has the form of ``eventID(ofRow:)``, which other events may not use.
    public static func isNameOfRow(_ event: EventID) -> Bool {
        let name = event.rawValue.utf8
        guard name.count == 13, name.first == UInt8(ascii: "h") else { return false }
        return name.dropFirst().allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    }
}
