// Gathers candidates of all channels and gives each of them all its signals.
import Synchronization

/// What is known of a user at the moment of a request.
public struct UserEvidence: Sendable {
    /// d factors; `nil` when nothing is known.
    public var factors: [Float]?
    public var past: [PastItem]
    /// Rows of ``SegmentLifts`` that the user's attributes lead to.
    public var segments: [Int32]
    public init(factors: [Float]?, past: [PastItem], segments: [Int32] = []) {
        (self.factors, self.past, self.segments) = (factors, past, segments)
    }
}

/// Items and their signals.
public struct CandidateSet: Sendable {
    public let items: [Int32]
    /// items x ``Signal/count``.
    public let signals: [Float]
    public init(items: [Int32], signals: [Float]) {
        precondition(signals.count == items.count * Signal.count, "\(signals.count) signals for \(items.count) items")
        (self.items, self.signals) = (items, signals)
    }

    /// Weighted sums of the signals, one an item.
    public func scores(_ weights: [Float]) -> [Float] {
        items.indices.map { row in
            var sum: Float = 0
            for (signal, weight) in weights.enumerated() { sum += weight * signals[row * Signal.count + signal] }
            return sum
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
    /// ln(share) of each item by each of the popularity signals, 5 x items.
    let logShares: [[Float]]
    /// The best sellers by each of them, best first.
    let bestSellers: [[Int32]]
    let history: InteractionHistory
    /// n^-0.5, n^-0.3, n^-0.5 of each item's users: graph, walk, cosine.
    private let damping: [SIMD4<Float>]
    /// Mean standard score of ln(1 + events) of the nearest items with events.
    private let neighbourPopularity: [Float]
    private let soldItems: Int
    let tasteSearch: TasteSearch
    private let spare = Spare()

    static let bestSellerCount = 1000

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
        logShares = events.map { counts in
            let total = max(1e-9, counts.reduce(0.0) { $0 + Double($1) })
            return counts.map { Float(logOf(Double($0) / total + floor)) }
        }
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

    /// Working memory of one request: sums over the neighbours of a past. All zero between requests.
    fileprivate struct Work: Sendable {
        var sums: [SIMD8<Float>]
        /// Regression and sequence.
        var signed: [SIMD2<Float>]
        var isTouched: [Bool]
        var touched: [Int32] = []
        var profile: [Float]
        init(items: Int, features: Int) {
            sums = Array(repeating: .zero, count: items)
            signed = Array(repeating: .zero, count: items)
            isTouched = Array(repeating: false, count: items)
            profile = Array(repeating: 0, count: features)
        }

        /// - Complexity: O(touched), not O(items).
        mutating func clear() {
            for row in touched {
                sums[Int(row)] = .zero
                signed[Int(row)] = .zero
                isTouched[Int(row)] = false
            }
            touched.removeAll(keepingCapacity: true)
        }

        mutating func touch(_ column: Int) {
            if !isTouched[column] {
                isTouched[column] = true
                touched.append(Int32(column))
            }
        }
    }

    /// Working memory that no request uses at the moment: one for each that ever ran at the same time.
    private final class Spare: Sendable {
        private let works = Mutex<[Work]>([])
        func take() -> Work? { works.withLock { $0.popLast() } }
        func give(_ work: consuming sending Work) { works.withLock { [work] in $0.append(work) } }
    }

    // Lanes of the sums.
    private static let lanes: [(signal: Signal, lane: Int)] = [
        (.graph, 0), (.walk, 1), (.similarFast, 2), (.similarSlow, 3), (.similar, 4), (.contentNeighbours, 5),
        (.contentTwins, 6), (.plainWalk, 7),
    ]

    /// The best of each channel, and every item of the past when `withPast`, with all their signals.
    /// - Parameters:
    ///   - count: how many each signal proposes.
    ///   - only: the only items to be scored; `nil` = those that the channels propose.
    ///   - isEligible: rows it refuses are no candidates, so a list is short only when the shop is.
    /// - Complexity: O(items * d) at most for taste, of which ``PrunedSearch`` reads a part; O(|past| * neighbours + candidates *
    ///   features) for the rest.
    public func candidates(
        for user: UserEvidence, count: Int, withPast: Bool, only: [Int]? = nil,
        isEligible: (Int) -> Bool = { _ in true }
    ) -> CandidateSet {
        var work = spare.take() ?? Work(items: isNew.count, features: features.matrix.columns)
        defer { spare.give(work) }
        let past = Set(user.past.map(\.item))
        let unknown = history.unknownItems
        func isOpen(_ row: Int) -> Bool {
            (withPast || !past.contains(Int32(row))) && !unknown.contains(Int32(row)) && isEligible(row)
        }
        let spread = addNeighbours(user.past, &work)
        let taste = user.factors.map { (query: $0, scale: tasteSearch.scale(of: $0)) }
        let rows: [Int]
        if let only {
            rows = only.filter(isOpen)
        } else {
            var found = Set<Int>()
            propose(count, taste?.query, work, isOpen) { found.insert($0) }
            if withPast { for item in past where isOpen(Int(item)) { found.insert(Int(item)) } }
            if found.count < count {
                for row in isNew.indices where found.count < count && isOpen(row) { found.insert(row) }
            }
            rows = found.sorted()
        }
        let signals = signals(of: rows, user, &work, spread: spread, taste: taste)
        work.clear()
        return CandidateSet(items: rows.map(Int32.init), signals: signals)
    }

    /// 1 / standard deviation of each neighbourhood sum over the items with events.
    private struct Spread {
        var roots: SIMD8<Float>
        var signed: SIMD2<Float>
        var walkSum: Float
    }

    /// Items at the end of a past that lead to what is taken next, and how much less each counts than the one behind it.
    static let sequenceItems = 20
    static let sequenceDecay: Float = 0.8

    /// Square roots of the neighbourhood sums, and the signed ones as they are, into the working memory.
    private func addNeighbours(_ past: [PastItem], _ work: inout Work) -> Spread {
        let newest =
            past.count <= ItemNeighbours.longestHistory
            ? past
            : Array(
                past.sorted { ($0.lastMinutes, $0.item) > ($1.lastMinutes, $1.item) }
                    .prefix(ItemNeighbours.longestHistory))
        let matrix = neighbours.matrix
        matrix.indices.withUnsafeBufferPointer { indices in
            matrix.values.withUnsafeBufferPointer { walks in
                neighbours.together.withUnsafeBufferPointer { together in
                    for item in newest {
                        let own = damping[Int(item.item)]
                        let step = 1 / max(1, neighbours.sizes[Int(item.item)])
                        let walk = SIMD8<Float>(own.x, step, 0, 0, 0, 0, 0, step)
                        let cosine = SIMD8<Float>(
                            0, 0, own.x * item.freshness.fast, own.x * item.freshness.slow, own.x, 0, 0, 0)
                        for entry in matrix.range(of: Int(item.item)) {
                            let column = Int(indices[entry])
                            work.touch(column)
                            work.sums[column] += walk * walks[entry] + cosine * together[entry]
                        }
                    }
                }
            }
        }
        let content = contentNeighbours.matrix
        for item in newest {
            for entry in content.range(of: Int(item.item)) {
                let column = Int(content.indices[entry])
                work.touch(column)
                let value = content.values[entry]
                work.sums[column][5] += value
                work.sums[column][6] += value * value
            }
        }
        addRegression(past, &work)
        var moments = Moments()
        for row in work.touched {
            let damp = damping[Int(row)]
            let sum = work.sums[Int(row)] * SIMD8(damp.x, damp.y, damp.z, damp.z, damp.z, 1, 1, 1)
            let root = sum.squareRoot()
            work.sums[Int(row)] = root
            work.signed[Int(row)].y = work.signed[Int(row)].y.squareRoot()
            if !isNew[Int(row)] { moments.add(root, work.signed[Int(row)], walkSum: sum[7]) }
        }
        return moments.spread(count: Float(max(1, soldItems)))
    }

    /// Items of a past that the regression sums over.
    static let regressionItems = 1000

    private func addRegression(_ past: [PastItem], _ work: inout Work) {
        regression.matrix.indices.withUnsafeBufferPointer { indices in
            regression.matrix.values.withUnsafeBufferPointer { values in
                for item in past.prefix(Self.regressionItems) {
                    for entry in regression.matrix.range(of: Int(item.item)) {
                        let column = Int(indices[entry])
                        work.touch(column)
                        work.signed[column].x += values[entry]
                    }
                }
            }
        }
        guard sequences.matrix.entryCount > 0 else { return }
        for (item, weight) in zip(past, sequenceWeights(past)) where weight > 0 {
            for entry in sequences.matrix.range(of: Int(item.item)) {
                let column = Int(sequences.matrix.indices[entry])
                work.touch(column)
                work.signed[column].y += weight * sequences.matrix.values[entry]
            }
        }
    }

    /// What each item of a past counts as the beginning of a sequence.
    func sequenceWeights(_ past: [PastItem]) -> [Float] {
        var weights = [Float](repeating: 0, count: past.count)
        var weight: Float = 1
        var last: Int32?
        let newest = past.indices.sorted {
            (past[$0].lastMinutes, past[$0].item) > (past[$1].lastMinutes, past[$1].item)
        }
        for place in newest.prefix(Self.sequenceItems) {
            if let last, last != past[place].lastMinutes { weight *= Self.sequenceDecay }
            last = past[place].lastMinutes
            weights[place] = weight
        }
        return weights
    }

    /// Sums and squares over the items with events.
    private struct Moments {
        var roots = (SIMD8<Float>.zero, SIMD8<Float>.zero)
        var signed = (SIMD2<Float>.zero, SIMD2<Float>.zero)
        var walk: (Float, Float) = (0, 0)

        mutating func add(_ root: SIMD8<Float>, _ signs: SIMD2<Float>, walkSum: Float) {
            roots = (roots.0 + root, roots.1 + root * root)
            signed = (signed.0 + signs, signed.1 + signs * signs)
            walk = (walk.0 + walkSum, walk.1 + walkSum * walkSum)
        }

        func spread(count: Float) -> Spread {
            func scale<V: SIMD<Float>>(_ sums: (V, V)) -> V {
                let variance = sums.1 / count - (sums.0 / count) * (sums.0 / count)
                let least = V(repeating: 1e-20)
                return V(repeating: 1).replacing(
                    with: 1
                        / variance.clamped(lowerBound: least, upperBound: V(repeating: .greatestFiniteMagnitude))
                        .squareRoot(), where: variance .> least)
            }
            return Spread(
                roots: scale(roots), signed: scale(signed), walkSum: scale((SIMD2(walk.0, 0), SIMD2(walk.1, 0))).x)
        }
    }

    private func propose(
        _ count: Int, _ taste: [Float]?, _ work: Work, _ isOpen: (Int) -> Bool, _ take: (Int) -> Void
    ) {
        if let taste { tasteSearch.propose(count, taste, factors, where: isOpen, take) }
        for (_, lane) in Self.lanes {
            var known = TopK(capacity: count)
            var new = TopK(capacity: count)
            for row in work.touched {
                let score = work.sums[Int(row)][lane]
                guard score > 0 else { continue }
                if isNew[Int(row)] {
                    if score >= new.threshold, isOpen(Int(row)) { new.offer(ScoredRow(row: Int(row), score: score)) }
                } else if score >= known.threshold, isOpen(Int(row)) {
                    known.offer(ScoredRow(row: Int(row), score: score))
                }
            }
            for found in known.sorted() + new.sorted() { take(found.row) }
        }
        for lane in 0..<2 {
            var known = TopK(capacity: count)
            for row in work.touched where !isNew[Int(row)] {
                let score = work.signed[Int(row)][lane]
                if score > 0, score >= known.threshold, isOpen(Int(row)) {
                    known.offer(ScoredRow(row: Int(row), score: score))
                }
            }
            for found in known.sorted() { take(found.row) }
        }
        for list in bestSellers {
            var taken = 0
            for row in list where taken < count && isOpen(Int(row)) {
                take(Int(row))
                taken += 1
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
            let start = place * Signal.count
            func set(_ signal: Signal, _ value: Float) { values[start + signal.rawValue] = value }
            let sums = work.sums[row] * spread.roots
            let signed = work.signed[row] * spread.signed
            let content = contentCosine(row, work) * profile.scale
            let liking = taste.map { factors.dot(row: row, $0.query) * $0.scale } ?? 0
            if isNew[row] {
                set(.isNew, 1)
                set(.newTaste, liking)
                set(.newContent, content)
                set(.newContentNeighbours, sums[5])
                set(.newContentTwins, sums[6])
                set(.newPopular, neighbourPopularity[row])
            } else {
                for (signal, shares) in logShares.enumerated() { values[start + signal] = shares[row] }
                for (signal, lane) in Self.lanes { set(signal, sums[lane]) }
                set(.walkSum, work.sums[row][7] * work.sums[row][7] * spread.walkSum)
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
        var sum: Float = 0
        for entry in features.matrix.range(of: row) {
            sum += work.profile[Int(features.matrix.indices[entry])] * features.matrix.values[entry]
        }
        return sum
    }
}
