// Digests of columns: whether two runs start from the same data.

/// SHA-256 of a column's bytes, in hexadecimal.
struct ColumnDigest: Sendable, Hashable {
    let text: String
    init<Element: BitwiseCopyable & Sendable>(_ column: Column<Element>) { text = column.withBytes(DurableFile.sha256) }

    /// Of texts and other digests together.
    init(_ texts: [String], _ digests: [ColumnDigest]) {
        self.init(Column(Array((texts + digests.map(\.text)).joined(separator: "\n").utf8)))
    }
}
