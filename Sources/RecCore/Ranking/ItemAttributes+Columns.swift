// What the columns of a catalogue hold, for those who show it to people.

extension ItemAttributes {
    /// One column as a whole.
    struct ColumnFigures: Sendable {
        let name: String
        /// Items that have a value.
        let held: Int
        /// Different values.
        let distinct: Int
        /// Bytes of a value, on average over the different ones.
        let meanLength: Double
    }

    /// In order of the names. - Complexity: O(different values).
    var columnFigures: [ColumnFigures] {
        columns.map { name, column in
            let distinct = column.values.count - 1
            let bytes = column.values.dropFirst().reduce(0) { $0 + $1.utf8.count }
            return ColumnFigures(
                name: name, held: column.held, distinct: distinct,
                meanLength: Double(bytes) / Double(max(1, distinct)))
        }.sorted { $0.name < $1.name }
    }

    /// A row's value in one column.
    func value(_ column: String, of row: Int) -> String? {
        guard row >= 0, row < count, let column = columns[column] else { return nil }
        let code = column.code(of: row)
        return code == 0 ? nil : column.values[Int(code)]
    }

    /// Values of a column with the number of rows that have each, most first, equal ones by name.
    /// - Complexity: O(items).
    func valueCounts(of column: String, where isCounted: (Int) -> Bool) -> [(value: String, count: Int)] {
        guard let column = columns[column] else { return [] }
        var counts = [Int](repeating: 0, count: column.values.count)
        for row in 0..<count where isCounted(row) { counts[Int(column.code(of: row))] += 1 }
        return counts.indices.dropFirst().filter { counts[$0] > 0 }.map { (column.values[$0], counts[$0]) }
            .sorted { ($1.1, $0.0) < ($0.1, $1.0) }
    }
}
