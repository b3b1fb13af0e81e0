// What a policy chooses a slate from.

/// Columns that only some policies look at.
public struct CandidateColumns: OptionSet, Sendable, Hashable {
    public let rawValue: Int
    public init(rawValue: Int) { self.rawValue = rawValue }
    /// ``SlateCandidates/deviations``, which Thompson sampling draws with.
    public static let deviations = Self(rawValue: 1)
    /// ``SlateCandidates/isUnderexposed``, which a reserved place chooses by.
    public static let exposure = Self(rawValue: 2)
    /// ``SlateCandidates/groups``, which a quota counts.
    public static let groups = Self(rawValue: 4)
    /// ``SlateCandidates/directions``, which diversity compares.
    public static let directions = Self(rawValue: 8)
}

/// Items that may be shown to one user, with what policies look at: columns of equal length, a place for each candidate. All that a
/// slate depends on beside policy and seed, so that a log of it is enough to make the slate again, or to ask what another
/// policy would have shown.
public struct SlateCandidates: Sendable, Hashable {
    private let names: Names
    /// Names of the candidates, by place. - Complexity: O(count) for candidates of a model, whose names are looked
    /// up.
    public var items: [ItemID] { names.items }
    /// In nats: a difference of 1 is e times as likely to be taken, as the weights of the signals were fitted to a softmax.
    public let scores: [Float]
    /// ln of the share of all events, smoothed, so that items without events have one.
    public let logShares: [Float]
    /// Standard deviation of the score by what is not known of the item; empty = not computed.
    public let deviations: [Float]
    /// Items that were shown less often than the floor of new items; empty = none.
    public let isUnderexposed: [Bool]
    /// Number of the category for quotas; empty = not looked up, -1 = has none.
    public let groups: [Int32]
    /// How many of the last candidates are there for a reserved place alone: every other place, and a policy without one, chooses from
    /// those before them.
    public let extras: Int
    /// Direction of each item's factors, `count` x d, rows of length 1; empty = not looked up.
    public let directions: [Float]

    /// How many candidates there are.
    public var count: Int { scores.count }

    /// Names that were given, or that stand in a model's table. Who draws a slate looks at none of them, and in a large catalogue each is
    /// a look into memory that nobody else needed.
    private enum Names: Hashable, Sendable {
        case given([ItemID])
        case table(IDMap, rows: [Int32])

        var items: [ItemID] {
            switch self {
            case .given(let items): items
            case .table(let table, let rows): rows.map { ItemID(table.name(of: Int($0))) }
            }
        }
        static func == (a: Self, b: Self) -> Bool { a.items == b.items }
        func hash(into hasher: inout Hasher) { hasher.combine(items) }
    }

    /// - Precondition: every column has as many elements as `items`, or none where that is allowed; `extras` in 0...items.
    public init(
        items: [ItemID], scores: [Float], logShares: [Float], deviations: [Float] = [], isUnderexposed: [Bool] = [],
        groups: [Int32] = [], extras: Int = 0, directions: [Float] = []
    ) {
        self.init(
            .given(items), count: items.count, scores: scores, logShares: logShares, deviations: deviations,
            isUnderexposed: isUnderexposed, groups: groups, extras: extras, directions: directions)
    }

    /// The same with names from a table, which are read when somebody asks for them.
    init(
        rows: [Int32], of table: IDMap, scores: [Float], logShares: [Float], deviations: [Float],
        isUnderexposed: [Bool], groups: [Int32], extras: Int, directions: [Float]
    ) {
        self.init(
            .table(table, rows: rows), count: rows.count, scores: scores, logShares: logShares, deviations: deviations,
            isUnderexposed: isUnderexposed, groups: groups, extras: extras, directions: directions)
    }

    private init(
        _ names: Names, count: Int, scores: [Float], logShares: [Float], deviations: [Float], isUnderexposed: [Bool],
        groups: [Int32], extras: Int, directions: [Float]
    ) {
        precondition(
            scores.count == count && logShares.count == count
                && [deviations.count, isUnderexposed.count, groups.count].allSatisfy { $0 == 0 || $0 == count }
                && (0...count).contains(extras) && (directions.isEmpty || directions.count % max(1, count) == 0),
            "columns of different length")
        (self.names, self.logShares, self.deviations) = (names, logShares, deviations)
        (self.isUnderexposed, self.groups, self.extras) = (isUnderexposed, groups, extras)
        self.directions = directions
        self.scores = scores.map { $0.isFinite ? $0 : -Float.greatestFiniteMagnitude / 4 }
    }

    /// The same candidates with what diversity compares.
    public func directed(_ directions: [Float]) -> Self {
        Self(
            names, count: count, scores: scores, logShares: logShares, deviations: deviations,
            isUnderexposed: isUnderexposed, groups: groups, extras: extras, directions: directions)
    }

    /// Tells these candidates from others: FNV-1a of names, scores and the columns that are logged.
    public var hash: UInt64 {
        var hash = FNV1a()
        for (place, item) in items.enumerated() {
            hash.add(item.rawValue.utf8)
            hash.add(UInt64(scores[place].bitPattern) << 32 | UInt64(logShares[place].bitPattern))
            if !deviations.isEmpty { hash.add(UInt64(deviations[place].bitPattern)) }
            if !isUnderexposed.isEmpty { hash.add(isUnderexposed[place] ? 1 : 0) }
            if !groups.isEmpty { hash.add(UInt64(UInt32(bitPattern: groups[place]))) }
        }
        if extras > 0 { hash.add(UInt64(extras)) }
        return hash.value
    }

    /// Cosine of two candidates' factors; 0 where they were not looked up.
    func cosine(_ a: Int, _ b: Int) -> Double {
        guard !directions.isEmpty else { return 0 }
        let d = directions.count / count
        // Eight sums side by side, in an order that no machine changes.
        return directions.withUnsafeBufferPointer { directions in
            var sums = SIMD8<Float>.zero
            var k = 0
            while k + 8 <= d {
                var (x, y) = (SIMD8<Float>.zero, SIMD8<Float>.zero)
                for lane in 0..<8 { (x[lane], y[lane]) = (directions[a * d + k + lane], directions[b * d + k + lane]) }
                sums += x * y
                k += 8
            }
            var sum = Double(sums.sum())
            while k < d {
                sum += Double(directions[a * d + k] * directions[b * d + k])
                k += 1
            }
            return sum
        }
    }
}
