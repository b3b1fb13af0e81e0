// The catalogue's attributes, column by column, to answer filters about every item at once.

/// Attributes of the items of one model: for each column, each row's value as a number. Immutable to its users; the next state of a
/// catalogue is another value that shares the columns that did not change.
public struct ItemAttributes: Sendable {
    /// One attribute of all items.
    private struct ValueColumn: Sendable {
        /// 0 = the item has no such attribute; others are places in `values`, from 1.
        var codes: [Int32]
        var values: [String] = [""]
        var numbers: [String: Int32] = [:]

        mutating func set(_ row: Int, _ value: String?) {
            guard let value else {
                codes[row] = 0
                return
            }
            if let known = numbers[value] {
                codes[row] = known
                return
            }
            numbers[value] = Int32(values.count)
            codes[row] = Int32(values.count)
            values.append(value)
        }
    }
    private var columns: [String: ValueColumn] = [:]
    /// Rows of items.
    public private(set) var count: Int

    public init(count: Int) { self.count = count }

    /// The names of all attributes.
    public var fields: [String] { columns.keys.sorted() }

    /// Makes room for more items, which have no attributes yet.
    mutating func grow(to count: Int) {
        guard count > self.count else { return }
        for name in columns.keys {
            columns[name]?.codes.append(contentsOf: repeatElement(0, count: count - self.count))
        }
        self.count = count
    }

    /// Replaces the attributes of a row.
    mutating func set(_ row: Int, _ attributes: [String: String]) {
        precondition(row >= 0 && row < count, "row \(row) of \(count)")
        for name in columns.keys where attributes[name] == nil { columns[name]?.set(row, nil) }
        for (name, value) in attributes {
            columns[name, default: ValueColumn(codes: Array(repeating: 0, count: count))].set(row, value)
        }
    }

    /// The attributes of a row.
    public func attributes(of row: Int) -> [String: String] {
        guard row >= 0, row < count else { return [:] }
        return columns.compactMapValues { column in
            column.codes[row] == 0 ? nil : column.values[Int(column.codes[row])]
        }
    }

    /// The rows that a filter admits.
    /// - Complexity: O(items * conditions), and O(distinct values of the column) for an interval.
    public func rows(passing filter: ItemFilter) -> RowSet {
        switch filter {
        case .oneOf(let field, let values):
            guard let column = columns[field] else { return RowSet(count: count) }
            var wanted = RowSet(count: column.values.count)
            for value in values { if let number = column.numbers[value] { wanted.insert(Int(number)) } }
            return rows(of: column, in: wanted)
        case .range(let field, _, _, _, _):
            guard let column = columns[field] else { return RowSet(count: count) }
            return rows(
                of: column,
                in: RowSet(count: column.values.count) { $0 > 0 && filter.holdsNumber(column.values[$0]) })
        case .has(let field):
            guard let column = columns[field] else { return RowSet(count: count) }
            return RowSet(count: count) { column.codes[$0] != 0 }
        case .all(let parts):
            var result = RowSet(count: count, all: true)
            for part in parts { result.formIntersection(rows(passing: part)) }
            return result
        case .any(let parts):
            var result = RowSet(count: count)
            for part in parts { result.formUnion(rows(passing: part)) }
            return result
        case .not(let part): return rows(passing: part).inverted
        }
    }

    private func rows(of column: ValueColumn, in wanted: RowSet) -> RowSet {
        column.codes.withUnsafeBufferPointer { codes in
            RowSet(count: count) { wanted.contains(Int(codes[$0])) }
        }
    }
}
