// The catalogue's attributes, column by column, to answer filters about every item at once.

/// Attributes of the items of one model: for each column, each row's value as a number. Immutable to its users; the next state of a
/// catalogue is another value that shares the columns that did not change.
public struct ItemAttributes: Sendable {
    private(set) var columns: [String: AttributeColumn] = [:]
    /// Rows that have any attribute.
    private var described: RowSet
    /// Rows of items.
    public var count: Int { described.count }

    /// Names that filters may use. Beyond it new ones are left out: a catalogue with a name for every item would fill the memory.
    public static let mostFields = 4096

    /// Rows without attributes.
    public init(count: Int) { described = RowSet(count: count) }

    /// Makes room for more items, which have no attributes yet.
    mutating func grow(to count: Int) {
        guard count > self.count else { return }
        described = described.growing(to: count)
        for name in columns.keys { columns[name]?.grow(to: count) }
    }

    /// Replaces the attributes of a row.
    /// - Complexity: O(attributes) for a row that had none; O(columns) for others.
    mutating func set(_ row: Int, _ attributes: [String: String]) {
        precondition(row >= 0 && row < count, "row \(row) of \(count)")
        if described.contains(row) {
            for (name, column) in columns where attributes[name] == nil && column.code(of: row) != 0 {
                columns[name]?.set(row, nil)
                if columns[name]?.isEmpty == true { columns[name] = nil }
            }
        }
        if attributes.isEmpty { described.remove(row) } else { described.insert(row) }
        for (name, value) in attributes {
            if columns[name] == nil {
                guard columns.count < Self.mostFields else { continue }
                columns[name] = AttributeColumn(count: count)
            }
            columns[name]?.set(row, value)
        }
    }

    /// Whether any item has a value of it.
    func has(column: String) -> Bool { columns[column]?.isEmpty == false }

    /// Number of each row's value in a column; -1 = has none. For quotas.
    func groups(of column: String) -> @Sendable (Int) -> Int32 {
        guard let column = columns[column] else { return { _ in -1 } }
        return { row in
            let code = column.code(of: row)
            return code == 0 ? -1 : Int32(code)
        }
    }

    /// The attributes of a row.
    func attributes(of row: Int) -> [String: String] {
        guard row >= 0, row < count else { return [:] }
        return columns.compactMapValues { column in
            let code = column.code(of: row)
            return code == 0 ? nil : column.values[Int(code)]
        }
    }

    /// The rows that a filter admits.
    /// - Complexity: O(items * conditions), and O(distinct values of the column) for an interval.
    public func rows(passing filter: ItemFilter) -> RowSet {
        switch filter {
        case .oneOf(let field, let values):
            guard let column = columns[field] else { return RowSet(count: count) }
            return column.rows { wanted in
                for value in values { if let number = column.number(of: value) { wanted.insert(Int(number)) } }
            }
        case .range(let field, _, _, _, _):
            guard let column = columns[field] else { return RowSet(count: count) }
            return column.rows { wanted in
                for place in 1..<column.values.count where filter.holds(column.parsed[place]) { wanted.insert(place) }
            }
        case .has(let field):
            guard let column = columns[field] else { return RowSet(count: count) }
            return column.rows { wanted in for place in 1..<column.values.count { wanted.insert(place) } }
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
}

/// One attribute of all items.
struct AttributeColumn: Sendable {
    private var count: Int
    /// Each row's place in `values`, 0 = none; empty while few rows have the attribute.
    private var dense: [Int32] = []
    /// The same by row, while few have it.
    private var sparse: [Int32: Int32] = [:]
    /// Rows that have the attribute.
    private(set) var held = 0
    /// From place 1.
    private(set) var values: [String] = [""]
    /// The values as numbers; NaN where they are none.
    private(set) var parsed: [Double] = [.nan]
    private var numbers: [String: Int32] = [:]

    init(count: Int) { self.count = count }

    var isEmpty: Bool { held == 0 }

    mutating func grow(to count: Int) {
        self.count = count
        if !dense.isEmpty { dense.append(contentsOf: repeatElement(0, count: count - dense.count)) }
    }

    func code(of row: Int) -> Int32 { dense.isEmpty ? sparse[Int32(row)] ?? 0 : dense[row] }

    func number(of value: String) -> Int32? { numbers[value] }

    mutating func set(_ row: Int, _ value: String?) {
        let old = code(of: row)
        let new = value.map { self.place(of: $0) } ?? 0
        guard old != new else { return }
        held += (new == 0 ? 0 : 1) - (old == 0 ? 0 : 1)
        if !dense.isEmpty {
            dense[row] = new
        } else if new == 0 {
            sparse[Int32(row)] = nil
        } else {
            sparse[Int32(row)] = new
            // An entry of a dictionary takes several times a place of an array.
            if sparse.count > 16, sparse.count * 8 > count { becomeDense() }
        }
        // Prices and stocks change: values that no item has any more are dropped now and then.
        if values.count > 1024, values.count > 2 * held { forgetValues() }
    }

    private mutating func place(of value: String) -> Int32 {
        if let known = numbers[value] { return known }
        let place = Int32(values.count)
        numbers[value] = place
        values.append(value)
        parsed.append(ItemFilter.number(value) ?? .nan)
        return place
    }

    private mutating func becomeDense() {
        dense = Array(repeating: 0, count: count)
        for (row, code) in sparse { dense[Int(row)] = code }
        sparse = [:]
    }

    private mutating func forgetValues() {
        let old = self
        (values, parsed, numbers) = ([""], [.nan], [:])
        for row in dense.indices where dense[row] != 0 { dense[row] = place(of: old.values[Int(dense[row])]) }
        for (row, code) in old.sparse { sparse[row] = place(of: old.values[Int(code)]) }
    }

    /// The rows whose value is one of those that `choose` inserts.
    func rows(_ choose: (inout RowSet) -> Void) -> RowSet {
        var wanted = RowSet(count: values.count)
        choose(&wanted)
        var result = RowSet(count: count)
        if dense.isEmpty {
            for (row, code) in sparse where wanted.contains(Int(code)) { result.insert(Int(row)) }
            return result
        }
        return dense.withUnsafeBufferPointer { codes in RowSet(count: count) { wanted.contains(Int(codes[$0])) } }
    }
}
