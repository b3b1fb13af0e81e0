// How much more often people of a kind take an item: popularity by the attributes of customers.

/// For each value of each attribute of customers, and each item, ln(lift): the item's share among the customers with the value,
/// shrunk towards its share among all, over its share among all.
///
///     lift_si = ((c_si + k p_i) / (c_s + k)) / p_i,   k = 50 events
public struct SegmentLifts: Sendable {
    /// Names of the segments, as `column=value` or `column=range 3`.
    public let names: IDMap
    /// segments x items.
    public let matrix: DenseMatrix
    /// How attributes lead to segments.
    public let encoder: SegmentEncoder

    /// Lifts that are known already.
    /// - Precondition: one row of `matrix` for each name.
    public init(names: IDMap, matrix: DenseMatrix, encoder: SegmentEncoder) {
        precondition(names.count == matrix.rows, "\(names.count) names for \(matrix.rows) segments")
        (self.names, self.matrix, self.encoder) = (names, matrix, encoder)
    }

    func lift(_ segment: Int, item: Int) -> Float { matrix.elements[segment * matrix.columns + item] }

    /// Rows of the segments that attributes lead to; values that were never seen in training lead nowhere.
    public func segments(of attributes: [String: String]) -> [Int32] {
        encoder.terms(of: attributes).compactMap { names.row(of: $0).map(Int32.init) }
    }

    /// The same lifts with more items, that have none. - Complexity: O(segments * items) copied.
    func growing(to items: Int) -> SegmentLifts {
        SegmentLifts(names: names, matrix: matrix.padded(columns: items), encoder: encoder)
    }

    /// Events that count as evidence for the share among all.
    static let prior = 50.0
    /// The most bytes that lifts may take; the rarest segments are left out.
    static let largestSize = 64 << 20

    /// - Complexity: O(users * attributes + events of users with attributes * attributes + segments * items).
    public static func build(_ profiles: ProfileTable, _ history: InteractionHistory) -> SegmentLifts {
        let items = history.items.count
        let encoder = SegmentEncoder.build(profiles)
        let terms = encoder.terms(of: profiles)
        var sizes: [String: Int] = [:]
        for column in terms {
            for number in column.numbers where number >= 0 {
                if let name = column.names[Int(number)] { sizes[name, default: 0] += 1 }
            }
        }
        let limit = Self.largestSize / max(1, items * 4)
        let kept = sizes.filter { $0.value >= 5 }.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.prefix(limit)
            .map(\.key).sorted()
        let names = IDMap(kept)
        var counts = [Double](repeating: 0, count: kept.count * items)
        var totals = [Double](repeating: 0, count: kept.count)
        for column in terms {
            let rows = column.names.map { $0.flatMap(names.row) }
            for user in 0..<min(column.numbers.count, history.matrix.rows) where column.numbers[user] >= 0 {
                guard let segment = rows[Int(column.numbers[user])] else { continue }
                for entry in history.matrix.range(of: user) {
                    counts[segment * items + Int(history.matrix.indices[entry])] += Double(history.counts[entry])
                    totals[segment] += Double(history.counts[entry])
                }
            }
        }
        let all = history.itemEvents.reduce(0.0) { $0 + Double($1) }
        var lifts = [Float](repeating: 0, count: kept.count * items)
        for item in 0..<items where history.itemEvents[item] > 0 {
            let share = Double(history.itemEvents[item]) / max(1, all)
            for segment in kept.indices {
                let own = (counts[segment * items + item] + prior * share) / (totals[segment] + prior)
                lifts[segment * items + item] = Float(logOf(own / share))
            }
        }
        return SegmentLifts(
            names: names, matrix: DenseMatrix(rows: kept.count, columns: items, lifts), encoder: encoder)
    }
}

/// Turns the attributes of customers into segment names: numbers with many values by tenths, others by value.
public struct SegmentEncoder: Sendable, Hashable {
    /// Column to the nine limits between its tenths; empty for a column whose values are categories.
    public let columns: [String: [Double]]
    /// An encoder that reads these columns and no other.
    public init(columns: [String: [Double]]) { self.columns = columns }

    /// A column with more distinct values than this, other than numbers, tells people apart and not kinds of people.
    static let mostValues = 200
    static let mostPlainNumbers = 12

    static func build(_ profiles: ProfileTable) -> SegmentEncoder {
        var columns: [String: [Double]] = [:]
        for (name, column) in profiles.columns {
            let numbers = column.values.names.map { Double($0).flatMap { $0.isFinite ? $0 : nil } }
            if column.values.count > mostPlainNumbers, numbers.allSatisfy({ $0 != nil }) {
                let sorted = column.numbers.compactMap { $0 < 0 ? nil : numbers[Int($0)] }.sorted()
                columns[name] = (1..<10).map { sorted[sorted.count * $0 / 10] }
            } else if column.values.count > 1, column.values.count <= mostValues {
                columns[name] = []
            }
        }
        return SegmentEncoder(columns: columns)
    }

    /// For each column that leads to segments the term of each value, `nil` for none, and the value of each user row.
    func terms(of profiles: ProfileTable) -> [(names: [String?], numbers: [Int32])] {
        profiles.columns.keys.sorted().compactMap { name in
            guard columns[name] != nil, let column = profiles.columns[name] else { return nil }
            return (column.values.names.map { terms(of: [name: $0]).first }, column.numbers)
        }
    }

    func terms(of attributes: [String: String]) -> [String] {
        attributes.keys.sorted().compactMap { name in
            guard let value = attributes[name], let limits = columns[name] else { return nil }
            if limits.isEmpty { return "\(name)=\(value)" }
            guard let number = Double(value), number.isFinite else { return nil }
            return "\(name)=range \(limits.firstIndex { number < $0 } ?? limits.count)"
        }
    }
}
