// Gathers candidates of all channels and gives each of them all its signals.

/// What is known of a user at the moment of a request.
public struct UserEvidence: Sendable {
    /// d factors; `nil` when nothing is known.
    public var factors: [Float]?
    /// The items of the past, in order of item row.
    public var past: [PastItem]
    /// Rows of ``SegmentLifts`` that the user's attributes lead to.
    public var segments: [Int32]
    /// - Parameters:
    ///   - factors: d values; `nil` when nothing is known.
    ///   - past: in order of item row.
    ///   - segments: rows of ``SegmentLifts``.
    public init(factors: [Float]?, past: [PastItem], segments: [Int32] = []) {
        (self.factors, self.past, self.segments) = (factors, past, segments)
    }
}

/// Items and their signals.
public struct CandidateSet: Sendable {
    /// Item rows.
    public let items: [Int32]
    /// items x ``Signal/count``.
    public let signals: [Float]
    /// - Precondition: ``Signal/count`` signals for each item.
    public init(items: [Int32], signals: [Float]) {
        precondition(signals.count == items.count * Signal.count, "\(signals.count) signals for \(items.count) items")
        (self.items, self.signals) = (items, signals)
    }

    /// Weighted sums of the signals, one an item.
    public func scores(_ weights: [Float]) -> [Float] {
        let count = Signal.count
        precondition(weights.count == count, "\(weights.count) weights for \(count) signals")
        return weights.withUnsafeBufferPointer { weights in
            signals.withUnsafeBufferPointer { signals in
                items.indices.map { row in
                    var sum: Float = 0
                    for signal in 0..<count { sum += weights[signal] * signals[row * count + signal] }
                    return sum
                }
            }
        }
    }
}

/// Scores items for users on one model. Immutable; every request may use it at the same time.
public struct SignalScorer: Sendable {
    let factors: DenseMatrix
    let neighbours: ItemNeighbours
    let regression: ItemRegression
    let sequences: ItemSequences
    let contentNeighbours: ContentNeighbours
    let features: ItemFeatures
    let segments: SegmentLifts
    /// Whether an item has no event.
    let isNew: [Bool]
    /// ln(share) of each item by each of the five popularity signals.
    let logShares: [SIMD8<Float>]
    /// The best sellers by each of them, best first.
    let bestSellers: [[Int32]]
    let history: InteractionHistory
    /// n^-0.5, n^-0.3, n^-0.5 of each item's users: graph, walk, cosine.
    let damping: [SIMD4<Float>]
    /// Mean standard score of ln(1 + events) of the nearest items with events.
    private let neighbourPopularity: [Float]
    let soldItems: Int
    let tasteSearch: TasteSearch
    private let spare = Spare()
    /// Whether there is a regression or a sequence.
    private var hasSigned: Bool { regression.matrix.entryCount + sequences.matrix.entryCount > 0 }

    static let bestSellerCount = 1000
    /// Popularity signals.
    static let shareCount = InteractionHistory.popularityHalfLives.count + 1

    /// ln of an item's share of all events, smoothed: what the discovery dial looks at.
    func logShare(_ row: Int) -> Float { logShares[row][Self.shareCount - 1] }

    /// The least ``logShare(_:)`` of the head: the share of the items that are taken most.
    func headLogShare(_ share: Double) -> Float {
        let sorted = logShares.map { $0[Self.shareCount - 1] }.sorted(by: >)
        let count = Int((share * Double(sorted.count)).rounded())
        return count > 0 ? sorted[count - 1] : .infinity
    }

    /// Share of the items without an event.
    var newShare: Double { 1 - Double(soldItems) / Double(max(1, isNew.count)) }

    /// - Parameter base: of the same model without the items added to it.
    init(
        factors: DenseMatrix, neighbours: ItemNeighbours, regression: ItemRegression, sequences: ItemSequences,
        contentNeighbours: ContentNeighbours, features: ItemFeatures, segments: SegmentLifts,
        history: InteractionHistory, sharing base: SignalScorer? = nil
    ) {
        (self.factors, self.neighbours, self.contentNeighbours) = (factors, neighbours, contentNeighbours)
        (self.regression, self.sequences) = (regression, sequences)
        (self.features, self.segments, self.history) = (features, segments, history)
        isNew = history.itemEvents.map { $0 == 0 }
        soldItems = isNew.count { !$0 }
        tasteSearch = TasteSearch(factors, isNew: isNew, sharing: base?.tasteSearch)
        let events =
            InteractionHistory.popularityHalfLives.indices.map { history.decayedEvents($0) }
            + [Array(history.itemEvents)]
        let floor = 0.3 / Double(max(1, history.items.count))
        var logShares = [SIMD8<Float>](repeating: .zero, count: isNew.count)
        for (signal, counts) in events.enumerated() {
            let total = max(1e-9, counts.reduce(0.0) { $0 + Double($1) })
            for (row, count) in counts.enumerated() {
                logShares[row][signal] = Float(logOf(Double(count) / total + floor))
            }
        }
        self.logShares = logShares
        let new = isNew
        bestSellers = events.map { counts in
            var best = TopK(capacity: Self.bestSellerCount)
            for (row, count) in counts.enumerated() where !new[row] { best.offer(ScoredRow(row: row, score: count)) }
            return best.sorted().map { Int32($0.row) }
        }
        damping = neighbours.sizes.map { size in
            let size = Double(max(1, size))
            let root = Float(powOf(size, -0.5))
            return SIMD4(root, Float(powOf(size, -0.3)), root, 0)
        }
        neighbourPopularity = Self.neighbourPopularity(contentNeighbours, history.itemEvents)
    }

    private static func neighbourPopularity(_ content: ContentNeighbours, _ events: Column<Float>) -> [Float] {
        let logs = events.map { logOf(1 + Double($0)) }
        var sums = [Double](repeating: 0, count: logs.count)
        var weights = sums
        for item in 0..<content.matrix.rows {
            for entry in content.matrix.range(of: item) {
                let other = Int(content.matrix.indices[entry])
                sums[other] += Double(content.matrix.values[entry]) * logs[item]
                weights[other] += Double(content.matrix.values[entry])
            }
        }
        let sold = zip(logs, events).filter { $0.1 > 0 }.map(\.0)
        let mean = sold.reduce(0, +) / Double(max(1, sold.count))
        let spread = max(
            1e-6, (sold.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(max(1, sold.count))).squareRoot())
        return logs.indices.map { row in
            weights[row] > 0 ? Float((sums[row] / weights[row] - mean) / spread) : 0
        }
    }

    // Lanes of the sums.
    private static let lanes: [(signal: Signal, lane: Int)] = [
        (.graph, 0), (.walk, 1), (.similarFast, 2), (.similarSlow, 3), (.similar, 4), (.contentNeighbours, 5),
        (.contentTwins, 6), (.plainWalk, 7),
    ]

    /// The best of each channel, and every item of the past when `withPast`, with all their signals.
    /// - Parameters:
    ///   - user: what is known of the user.
    ///   - count: how many each signal proposes.
    ///   - withPast: whether items of the past may come again.
    ///   - only: the only items to be scored; `nil` = those that the channels propose.
    ///   - including: rows to be scored beside those that the channels propose.
    ///   - isEligible: rows it refuses are no candidates, so a list is short only when the shop is.
    /// - Complexity: O(items * d) at most for taste, of which ``PrunedSearch`` reads a part; O(|past| * neighbours + candidates *
    ///   features) for the rest.
    public func candidates(
        for user: UserEvidence, count: Int, withPast: Bool, only: [Int]? = nil, including: [Int] = [],
        isEligible: (Int) -> Bool = { _ in true }
    ) -> CandidateSet {
        var work = spare.take() ?? Work(items: isNew.count, features: features.matrix.columns)
        defer { spare.give(work) }
        // What was made by another model, such as this one with items added, may name rows that are not here.
        var user = user
        if !user.past.allSatisfy({ isNew.indices.contains(Int($0.item)) }) {
            user.past.removeAll { !isNew.indices.contains(Int($0.item)) }
        }
        let past = Set(user.past.map(\.item))
        let unknown = history.unknownItems
        func isOpen(_ row: Int) -> Bool {
            (withPast || !past.contains(Int32(row))) && !unknown.contains(Int32(row)) && isEligible(row)
        }
        let spread = addNeighbours(user.past, &work)
        let taste = user.factors.map { (query: $0, scale: tasteSearch.scale(of: $0)) }
        let rows: [Int]
        if let only {
            rows = only.filter { isNew.indices.contains($0) && isOpen($0) }
        } else {
            propose(count, taste?.query, &work, isOpen)
            if withPast { for item in past where isOpen(Int(item)) { work.find(Int(item)) } }
            for row in including where isNew.indices.contains(row) && isOpen(row) { work.find(row) }
            if work.found.count < count {
                for row in isNew.indices where work.found.count < count && isOpen(row) { work.find(row) }
            }
            rows = work.found.sorted().map { Int($0) }
        }
        let signals = signals(of: rows, user, &work, spread: spread, taste: taste)
        work.clear()
        return CandidateSet(items: rows.map(Int32.init), signals: signals)
    }

    private func propose(_ count: Int, _ taste: [Float]?, _ work: inout Work, _ isOpen: (Int) -> Bool) {
        // Of every lane the largest, items with events and new ones apart; what reaches no lane's floor is passed over at once.
        var known = Proposals(count, lanes: 8)
        var new = Proposals(count, lanes: 8)
        var signed = Proposals(count, lanes: 2)
        for place in 0..<work.count {
            let row = work.row(at: place)
            let sums = work.sums.base[place]
            if isNew[row] {
                new.offer(row, sums, isOpen)
            } else {
                known.offer(row, sums, isOpen)
                if hasSigned {
                    signed.offer(
                        row, SIMD8(lowHalf: SIMD4(lowHalf: work.signed.base[place], highHalf: .zero), highHalf: .zero),
                        isOpen)
                }
            }
        }
        for lane in known.best + new.best + signed.best { for row in lane.rows { work.find(row) } }
        for list in bestSellers {
            var taken = 0
            for row in list where taken < count && isOpen(Int(row)) {
                work.find(Int(row))
                taken += 1
            }
        }
        if let taste {
            tasteSearch.propose(count, taste, factors, known: work.found, isNew: isNew, where: isOpen) {
                work.find($0.row, liking: $0.score)
            }
        }
    }

    /// The rows with the largest scores above zero, lane by lane.
    private struct Proposals {
        private(set) var best: [TopK]
        private var floor: SIMD8<Float>

        init(_ count: Int, lanes: Int) {
            best = (0..<lanes).map { _ in TopK(capacity: count) }
            floor = SIMD8(repeating: .infinity)
            for lane in 0..<lanes { floor[lane] = .leastNonzeroMagnitude }
        }

        @inline(__always)
        mutating func offer(_ row: Int, _ scores: SIMD8<Float>, _ isOpen: (Int) -> Bool) {
            // Whether every difference has its sign set; the compiler makes a loop through memory of a comparison of vectors.
            let signs = unsafeBitCast(scores - floor, to: SIMD8<Int32>.self)
            let both = signs.lowHalf & signs.highHalf
            if both[0] & both[1] & both[2] & both[3] >= 0 { enter(row, scores, isOpen) }
        }

        private mutating func enter(_ row: Int, _ scores: SIMD8<Float>, _ isOpen: (Int) -> Bool) {
            guard isOpen(row) else { return }
            for lane in best.indices where scores[lane] >= floor[lane] {
                best[lane].offer(ScoredRow(row: row, score: scores[lane]))
                floor[lane] = max(.leastNonzeroMagnitude, best[lane].threshold)
            }
        }
    }

    private func signals(
        of rows: [Int], _ user: UserEvidence, _ work: inout Work, spread: Spread,
        taste: (query: [Float], scale: Float)?
    ) -> [Float] {
        var values = [Float](repeating: 0, count: rows.count * Signal.count)
        var own: [Int32: PastItem] = [:]
        for item in user.past { own[item.item] = item }
        let profile = fillProfile(user.past, &work)
        for (place, row) in rows.enumerated() {
            if place + 3 < rows.count {
                if work.liking(of: rows[place + 3]) == nil { factors.willRead(row: rows[place + 3]) }
                logShares.willRead(at: rows[place + 3])
                work.willRead(row: rows[place + 3])
                features.matrix.willRead(row: rows[place + 3])
            }
            let start = place * Signal.count
            func set(_ signal: Signal, _ value: Float) { values[start + signal.rawValue] = value }
            let roots = work.place(of: row).map { work.sums.base[$0] } ?? .zero
            let sums = roots * spread.roots
            let signed = (work.place(of: row).map { work.signed.base[$0] } ?? .zero) * spread.signed
            let content = contentCosine(row, work) * profile.scale
            let liking = taste.map { (work.liking(of: row) ?? factors.dot(row: row, $0.query)) * $0.scale } ?? 0
            if isNew[row] {
                set(.isNew, 1)
                set(.newTaste, liking)
                set(.newContent, content)
                set(.newContentNeighbours, sums[5])
                set(.newContentTwins, sums[6])
                set(.newPopular, neighbourPopularity[row])
            } else {
                let shares = logShares[row]
                for signal in 0..<Self.shareCount { values[start + signal] = shares[signal] }
                for (signal, lane) in Self.lanes { set(signal, sums[lane]) }
                set(.walkSum, roots[7] * roots[7] * spread.walkSum)
                set(.regression, signed.x)
                set(.sequence, signed.y)
                set(.taste, liking)
                set(.content, content)
                set(.contentSharp, content * content * content * content)
            }
            var lift: Float = 0
            for segment in user.segments { lift += segments.lift(Int(segment), item: row) }
            set(.segment, lift)
            if let item = own[Int32(row)] {
                set(.own, 1)
                set(.ownCount, Self.log1p(item.count))
                set(.ownSlow, Self.log1p(item.freshness.slow))
                set(.ownFast, Self.log1p(item.freshness.fast))
                set(.ownMonth, Self.log1p(item.freshness.month))
                set(.ownRepeat, history.itemRepeatRate[row])
            }
        }
        for feature in profile.features { work.profile[Int(feature)] = 0 }
        return values
    }

    private static func log1p(_ value: Float) -> Float { Float(logOf(1 + Double(value))) }

    /// Items of the past that make up the content profile, the freshest first.
    static let profileItems = 100

    private func fillProfile(_ past: [PastItem], _ work: inout Work) -> (features: [Int32], scale: Float) {
        var touched: [Int32] = []
        let rows = features.matrix
        guard rows.columns > 0 else { return ([], 0) }
        let freshest =
            past.count <= Self.profileItems
            ? past
            : Array(
                past.sorted { ($0.freshness.slow, $0.item) > ($1.freshness.slow, $1.item) }.prefix(Self.profileItems))
        for item in freshest {
            for entry in rows.range(of: Int(item.item)) {
                let feature = rows.indices[entry]
                if work.profile[Int(feature)] == 0 { touched.append(feature) }
                work.profile[Int(feature)] += item.freshness.slow * rows.values[entry]
            }
        }
        var square = 0.0
        for feature in touched {
            square += Double(work.profile[Int(feature)]) * Double(work.profile[Int(feature)])
        }
        return (touched, square > 0 ? Float(1 / square.squareRoot()) : 0)
    }

    private func contentCosine(_ row: Int, _ work: Work) -> Float {
        features.matrix.indices.withUnsafeBufferPointer { indices in
            features.matrix.values.withUnsafeBufferPointer { values in
                work.profile.withUnsafeBufferPointer { profile in
                    var sum: Float = 0
                    for entry in features.matrix.range(of: row) {
                        sum += profile[Int(indices[entry])] * values[entry]
                    }
                    return sum
                }
            }
        }
    }
}
