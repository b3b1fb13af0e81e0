// The attributes of many users by column: what a million dictionaries would say in a hundredth of the memory.

/// For each user row and each column of attributes a value or none.
public struct ProfileTable: Sendable {
    /// One attribute.
    struct Values: Sendable {
        /// Distinct values, in the order of their first use.
        var values = NameTable()
        /// Number of each user's value, -1 = none; users behind the end have none.
        var numbers: [Int32] = []
    }
    private(set) var columns: [String: Values] = [:]

    /// A table that knows nothing of anybody.
    public init() {}

    /// - Parameter rows: attributes of each user row.
    public init(_ rows: [[String: String]]) {
        for (row, attributes) in rows.enumerated() { set(attributes, ofRow: row) }
    }

    /// Says what is known of a user; each row is set once.
    public mutating func set(_ attributes: [String: String], ofRow row: Int) {
        for (name, value) in attributes {
            let number = Int32(columns[name, default: Values()].values.number(of: value))
            let missing = row - (columns[name]?.numbers.count ?? 0)
            if missing > 0 { columns[name]?.numbers.append(contentsOf: repeatElement(-1, count: missing)) }
            if missing >= 0 { columns[name]?.numbers.append(number) } else { columns[name]?.numbers[row] = number }
        }
    }

    /// Of every column: its name, its values and who has which.
    var digests: [ColumnDigest] {
        columns.sorted { $0.key < $1.key }.map { name, column in
            ColumnDigest([name] + column.values.names, [.init(Column(column.numbers))])
        }
    }
}
