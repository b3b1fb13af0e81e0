// Exact top-k by inner product that reads one byte a number, and in full only the rows that may be in the list.

/// Some rows of a matrix once more, in one byte a number, in order of their length.
///
/// A tile of 32 rows has one scale s: a row v is kept as whole numbers r of -127...127, nearest to v / s, and a query q as t, nearest to
/// q / s_q. With e and e_q for the lengths of what rounding left, |v - s r| <= e and |q - s_q t| <= e_q, Cauchy and Schwarz give
///
///     q . v  <=  s s_q (r . t) + |q| e + (|v| + e) e_q,        q . v  <=  |q| |v|
///
/// By the second the search ends at the first tile whose longest row cannot reach the k-th best found so far; by the first it scores, by
/// `DenseMatrix.dot(row:_:)` on the matrix itself, only the rows that can. The list is that of scoring every row so, with equal scores
/// in order of rows: the bounds are widened by what Float32 may round away of an inner product, d 2^-24 |q| |v| (Higham, Accuracy and
/// Stability of Numerical Algorithms, section 3.1), as long as no product of two numbers overflows or vanishes. Scales are such that
/// |r| |t| < 2^15: r . t never leaves 16 bits, of which a vector register holds many. A bound within 2 to 4 percent of |q| |v| leaves few rows beside those of the list: of 100,000 trained items with
/// 128 factors a third are read in bytes and 90 in full for a list of 60 (Docs/Decisions/0013).
///
/// The idea of bounds from rounded vectors is that of vector-approximation files (Weber, Schek and Blott, VLDB 1998); order by length
/// that of LEMP (Teflioudi, Gemulla and Mykytiuk, SIGMOD 2015).
public struct PrunedSearch: Sendable {
    /// Row of the matrix at each place.
    private let rows: Column<Int32>
    /// What each row is multiplied by; `nil` = 1.
    private let weights: Column<Float>?
    /// Of each tile: the length of its longest row, its first; s; e.
    private let lengths: Column<Float>
    private let scales: Column<Float>
    private let errors: Column<Float>
    /// Tiles x d. A number holds a dimension of two rows: 256 times that of the odd place, and that of the even one plus 128.
    private let codes: Column<SIMD16<Int16>>
    private let dimension: Int
    /// What Float32 may round away of an inner product, of the product of both lengths.
    private var rounding: Float { 2 * Float(dimension + 2) * 0x1p-24 }

    /// Rows of a tile.
    static let tile = 32

    /// Rows that are searched.
    public var count: Int { rows.count }

    /// - Parameters:
    ///   - matrix: rows x d.
    ///   - chosen: distinct rows to search; `nil` = all.
    ///   - weights: what the scores of all rows of the matrix are multiplied by, none below zero, such as 1 / length
    ///     for cosines; `nil` = 1.
    /// - Complexity: O(rows * d); memory: one byte a number.
    public init(_ matrix: DenseMatrix, rows chosen: [Int]? = nil, weights: Column<Float>? = nil) {
        precondition(weights.map { $0.count >= matrix.rows } ?? true, "too few weights for \(matrix.rows) rows")
        let chosen = chosen ?? Array(0..<matrix.rows)
        let d = matrix.columns
        (dimension, self.weights) = (d, weights)
        let own = chosen.map { row in
            matrix.withRow(row) { Coding.length($0, weight: weights?[row] ?? 1) }
        }
        let order = own.indices.sorted { own[$0] != own[$1] ? own[$0] > own[$1] : chosen[$0] < chosen[$1] }
        let rows = Column(order.map { Int32(chosen[$0]) })
        self.rows = rows
        let tiles = (order.count + Self.tile - 1) / Self.tile
        lengths = Column((0..<tiles).map { own[order[$0 * Self.tile]] })
        var (scales, errors) = ([Float](repeating: 0, count: tiles), [Float](repeating: 0, count: tiles))
        codes = Column(tiles * d) { codes in
            codes.initialize(repeating: SIMD16(repeating: 128))
            for tile in 0..<tiles {
                let places = (tile * Self.tile)..<min(order.count, (tile + 1) * Self.tile)
                var coding = Coding(length: own[order[places.lowerBound]], d)
                for place in places {
                    let row = Int(rows[place])
                    matrix.withRow(row) { coding.widen($0, weight: weights?[row] ?? 1) }
                }
                for place in places {
                    let row = Int(rows[place])
                    let (lane, isUpper) = ((place - places.lowerBound) / 2, place % 2 == 1)
                    matrix.withRow(row) { values in
                        coding.code(values, weight: weights?[row] ?? 1) { k, code in
                            codes[tile * d + k][lane] &+= isUpper ? code << 8 : code
                        }
                    }
                }
                (scales[tile], errors[tile]) = (coding.scale, coding.error)
            }
        }
        (self.scales, self.errors) = (Column(scales), Column(errors))
    }

    /// What a search did.
    public struct Work: Sendable, Hashable {
        /// Rows that were read in bytes, and rows that were scored in full.
        public var coded = 0, scored = 0
        /// Nothing read yet.
        public init() {}
    }

    /// The `count` rows with the largest inner product with `query`, best first.
    /// - Parameters:
    ///   - count: rows at most.
    ///   - query: d values.
    ///   - matrix: that of `init`, or one with more rows behind.
    ///   - floor: rows below it are not asked for; the k-th best score of some k eligible rows changes no list and
    ///     spares the search its beginning. NaN = none.
    ///   - isEligible: asked only of rows that would enter; rows it refuses never take a place.
    /// - Complexity: O(rows * d) bytes at most.
    public func largest(
        _ count: Int, query: [Float], in matrix: DenseMatrix, atLeast floor: Float = -.infinity,
        where isEligible: (Int) -> Bool = { _ in true }
    ) -> [ScoredRow] {
        var work = Work()
        return largest(count, query: query, in: matrix, atLeast: floor, work: &work, where: isEligible)
    }

    /// - Parameters:
    ///   - count: rows at most.
    ///   - query: d values.
    ///   - matrix: that of `init`, or one with more rows behind.
    ///   - floor: rows below it are not asked for; NaN = none.
    ///   - work: what was done is added to it.
    ///   - isEligible: asked only of rows that would enter.
    public func largest(
        _ count: Int, query: [Float], in matrix: DenseMatrix, atLeast floor: Float = -.infinity, work: inout Work,
        where isEligible: (Int) -> Bool = { _ in true }
    ) -> [ScoredRow] {
        precondition(query.count == dimension, "\(query.count) elements for \(dimension) columns")
        guard count > 0, self.count > 0, query.allSatisfy(\.isFinite) else { return [] }
        var state = State(query, count: min(count, self.count), floor: floor)
        for tile in 0..<lengths.count {
            guard visit(tile, &state, matrix, &work, isEligible) else { break }
        }
        return state.best.sorted()
    }

    /// The same for many queries, which share the reading of each tile.
    /// - Parameters:
    ///   - count: rows of each list at most.
    ///   - queries: queries x d.
    ///   - matrix: that of `init`, or one with more rows behind.
    ///   - isEligible: asked with the number of a query and a row that would enter its list.
    /// - Complexity: O(queries * rows * d) at most.
    public func largest(
        _ count: Int, queries: DenseMatrix, in matrix: DenseMatrix,
        where isEligible: (_ query: Int, _ row: Int) -> Bool = { _, _ in true }
    ) -> [[ScoredRow]] {
        precondition(queries.columns == dimension, "\(queries.columns) columns for \(dimension)")
        var work = Work()
        var states = (0..<queries.rows).map {
            State(queries[row: $0], count: min(count, self.count), floor: -.infinity)
        }
        var open = states.indices.filter { count > 0 && states[$0].query.allSatisfy(\.isFinite) }
        for tile in 0..<lengths.count where !open.isEmpty {
            open.removeAll { number in
                !visit(tile, &states[number], matrix, &work) { isEligible(number, $0) }
            }
        }
        return states.map { $0.best.sorted() }
    }

    /// One query under way.
    private struct State {
        let query: [Float]
        let coded: CodedQuery
        let floor: Float
        var best: TopK

        init(_ query: [Float], count: Int, floor: Float) {
            (self.query, coded) = (query, CodedQuery(query))
            self.floor = floor.isNaN ? -.infinity : floor
            best = TopK(capacity: count)
        }
    }

    /// Offers the rows of a tile that may be in the list.
    /// - Returns: whether rows of a later tile may be.
    @inline(__always)
    private func visit(
        _ tile: Int, _ state: inout State, _ matrix: DenseMatrix, _ work: inout Work, _ isEligible: (Int) -> Bool
    ) -> Bool {
        let longest = state.coded.length * lengths[tile]
        let wide = rounding * longest
        let threshold = max(state.floor, state.best.threshold)
        if longest + wide < threshold { return false }
        let least = leastProduct(tile, state.coded, reaching: threshold, wide)
        if least > Double(Int16.max) { return true }
        work.coded += Self.tile
        // NaN: nothing is known of these rows, and all of them are scored.
        let least16 = least > Double(Int16.min) ? Int16(least) : .min
        let (even, odd) = products(tile, state.coded)
        guard max(even.max(), odd.max()) >= least16 else { return true }
        for lane in 0..<(Self.tile / 2) {
            for (place, product) in [(2 * lane, even[lane]), (2 * lane + 1, odd[lane])] where product >= least16 {
                let place = tile * Self.tile + place
                guard place < count else { continue }
                let row = Int(rows[place])
                work.scored += 1
                let exact = ScoredRow(row: row, score: score(row, state.query, matrix))
                if exact.score >= max(state.floor, state.best.threshold), isEligible(row) { state.best.offer(exact) }
            }
        }
        return true
    }

    @inline(__always)
    private func score(_ row: Int, _ query: [Float], _ matrix: DenseMatrix) -> Float {
        let product = matrix.dot(row: row, query)
        return weights.map { product * $0[row] } ?? product
    }

    /// The least r . t with which a row of a tile may score `threshold`, rounded down.
    private func leastProduct(_ tile: Int, _ query: CodedQuery, reaching threshold: Float, _ wide: Float) -> Double {
        let error = Double(errors[tile])
        let rounded =
            Double(query.length) * error + (Double(lengths[tile]) + error) * Double(query.error) + Double(wide)
        return ((Double(threshold) - rounded) / (Double(scales[tile]) * Double(query.scale))).rounded(.down)
    }

    /// r . t of the rows of a tile, those at even places and those at odd ones.
    ///
    /// The upper byte of a number is the odd place's; the even one's is what remains of the sum of whole numbers, modulo 2^16, when the
    /// upper bytes' sum times 256 and 128 times the query's are taken away.
    @inline(__always)
    private func products(_ tile: Int, _ query: CodedQuery) -> (even: SIMD16<Int16>, odd: SIMD16<Int16>) {
        codes.withUnsafeBufferPointer { codes in
            query.codes.withUnsafeBufferPointer { numbers in
                var (both, odd) = (SIMD16<Int16>(repeating: query.offset), SIMD16<Int16>.zero)
                let first = tile * dimension
                for k in 0..<dimension {
                    let pair = codes[first + k]
                    let number = SIMD16<Int16>(repeating: numbers[k])
                    odd &+= (pair &>> 8) &* number
                    both &+= pair &* number
                }
                return (both &- odd &<< 8, odd)
            }
        }
    }
}

// MARK: - Rounding to bytes

/// How vectors of a given length at most become whole numbers of one byte.
private struct Coding {
    private let length: Float
    /// |r| <= ``longest`` + sqrt(d) / 2 < 181, and 181 * 181 < 2^15.
    private let longest: Float
    private var largest: Float = 0
    /// s; 0 where the numbers leave no scale: then all codes are 0.
    private(set) var scale: Float = 0
    /// e, of the vectors coded so far.
    private(set) var error: Float = 0

    init(length: Float, _ dimension: Int) {
        self.length = length
        longest = 180.9 - Float(dimension).squareRoot() / 2
        precondition(longest > 1, "\(dimension) dimensions do not fit into 16 bits")
    }

    /// Every vector must be shown first, then coded.
    mutating func widen(_ values: UnsafeBufferPointer<Float>, weight: Float) {
        for value in values { largest = max(largest, abs(value * weight)) }
        let scale = max(length / longest, largest / 127)
        self.scale = scale.isNormal && length.isFinite ? scale : 0
    }

    mutating func code(_ values: UnsafeBufferPointer<Float>, weight: Float, _ put: (_ k: Int, _ code: Int16) -> Void) {
        guard scale > 0 else {
            error = max(error, length)
            return
        }
        var square = 0.0
        for (k, value) in values.enumerated() {
            let code = max(-127, min(127, (value * weight / scale).rounded()))
            let left = Double(value) * Double(weight) - Double(code) * Double(scale)
            square += left * left
            put(k, Int16(code))
        }
        error = max(error, Float(square.squareRoot()).nextUp)
    }

    /// Length, rounded up; infinite where it is no number.
    static func length(_ values: UnsafeBufferPointer<Float>, weight: Float) -> Float {
        var square = 0.0
        for value in values { square += Double(value) * Double(value) }
        let length = Float(square.squareRoot() * Double(weight)).nextUp
        return length.isNaN ? .infinity : length
    }
}

/// A query, rounded likewise.
private struct CodedQuery {
    let codes: [Int16]
    /// -128 times the sum of the codes, modulo 2^16.
    let offset: Int16
    let length: Float
    let scale: Float
    let error: Float

    init(_ query: [Float]) {
        var codes = [Int16](repeating: 0, count: query.count)
        (length, scale, error) = query.withUnsafeBufferPointer { query in
            let length = Coding.length(query, weight: 1)
            var coding = Coding(length: length, query.count)
            coding.widen(query, weight: 1)
            coding.code(query, weight: 1) { codes[$0] = $1 }
            return (length, coding.scale, coding.error)
        }
        self.codes = codes
        offset = codes.reduce(0) { $0 &- $1 &* 128 }
    }
}
