// Exact top-k by inner product that reads a part of the matrix only.

/// Some rows of a matrix in an order and a basis in which most of them can be left unread.
///
/// Rows are turned into the eigenvectors of their Gram matrix, the largest eigenvalue first, and stand in order of their length.
/// A query reads, block by block, the leading `head` dimensions of 1,024 rows; by Cauchy and Schwarz
///
///     q . v  <=  q_head . v_head + |q_middle| |v_middle| + |q_rest| |v_rest|,     q . v <= |q| |v|
///
/// so a row is read on, by its 32 middle dimensions and then to its end, only when the right side reaches the k-th best found so far, and
/// when |q| times the length of the next block's first row does not, the search is over. Rows that stay are scored by ``DenseMatrix/dot(row:_:)`` on the matrix itself:
/// the list is that of scoring every row so, with equal scores in order of rows. Both bounds are widened by what Float32 may round
/// away: d 2^-24 |q| |v| in either product, and as much times the root of d in turning either vector (Higham, Accuracy and
/// Stability of Numerical Algorithms, sections 3.1 and 3.5).
///
/// Factors that were trained have few long rows and few strong directions, which is what both bounds live on; of rows without
/// either, such as random ones, all are read.
public struct PrunedSearch: Sendable {
    /// Row of the matrix at each place.
    private let rows: Column<Int32>
    /// Length at each place, from the largest down.
    private let lengths: Column<Float>
    /// Length of the middle dimensions.
    private let middleLengths: Column<Float>
    /// Length of what stands behind the middle dimensions.
    private let restLengths: Column<Float>
    /// Block by block, dimension by dimension: the leading dimensions of its rows one behind the other.
    private let heads: Column<Float>
    /// Places x (d - head).
    private let tails: Column<Float>
    /// d x d, eigenvector j in row j.
    private let basis: DenseMatrix
    private let dimension: Int
    private let head: Int
    /// What Float32 may round away of an inner product, of the product of both lengths.
    private var rounding: Float { 2 * Float(dimension) * (2 + Float(dimension).squareRoot()) * 0x1p-24 }
    /// Dimensions behind the head that are read first.
    private var middle: Int { Self.middle(head, dimension) }
    private static func middle(_ head: Int, _ dimension: Int) -> Int { min(32, dimension - head) }

    /// Rows of a block.
    static let block = 1024

    public var count: Int { rows.count }

    /// - Parameter chosen: the rows to search; `nil` = all.
    /// - Complexity: O(rows * d^2); memory: the rows once more.
    public init(_ matrix: DenseMatrix, rows chosen: [Int]? = nil) {
        let d = matrix.columns
        let chosen = chosen ?? Array(0..<matrix.rows)
        dimension = d
        head = d <= 32 ? d : max(32, d * 3 / 8 / 8 * 8)
        let picked = DenseMatrix(
            rows: chosen.count, columns: d,
            elements: Column(joining: chosen.map { matrix.elementsOfRow($0) }))
        var gram = picked.gram()
        // Rows that are not finite have no order to keep; any basis is right for the others.
        if gram.allSatisfy(\.isFinite), BLAS.eigen(&gram, n: d) != nil {
            basis = DenseMatrix(
                rows: d, columns: d, (0..<d).reversed().flatMap { gram[($0 * d)..<(($0 + 1) * d)] })
        } else {
            basis = DenseMatrix(rows: d, columns: d, (0..<(d * d)).map { $0 % (d + 1) == 0 ? 1 : 0 })
        }
        let turned = picked.multipliedByTransposed(basis)
        let own = turned.lengths(from: 0)
        let order = own.indices.sorted { own[$0] != own[$1] ? own[$0] > own[$1] : chosen[$0] < chosen[$1] }
        let middle = turned.lengths(from: head, to: head + Self.middle(head, d))
        rows = Column(order.map { Int32(chosen[$0]) })
        lengths = Column(order.map { own[$0] })
        middleLengths = Column(order.map { middle[$0] })
        let rest = turned.lengths(from: head + Self.middle(head, d))
        restLengths = Column(order.map { rest[$0] })
        let (head, tailWidth) = (head, d - head)
        heads = Column(order.count * head) { buffer in
            for start in stride(from: 0, to: order.count, by: Self.block) {
                let size = min(Self.block, order.count - start)
                for offset in 0..<size {
                    for k in 0..<head {
                        buffer.initializeElement(
                            at: start * head + k * size + offset,
                            to: turned.elements[order[start + offset] * d + k])
                    }
                }
            }
        }
        tails = Column(order.count * tailWidth + 1) { buffer in
            buffer.initializeElement(at: order.count * tailWidth, to: 0)
            for (place, row) in order.enumerated() {
                for k in 0..<tailWidth {
                    buffer.initializeElement(at: place * tailWidth + k, to: turned.elements[row * d + head + k])
                }
            }
        }
    }

    /// What a search did.
    public struct Work: Sendable, Hashable {
        /// Rows whose leading dimensions were read, rows read on, rows scored in full.
        public var heads = 0, tails = 0, scored = 0
        public init() {}
    }

    /// The `count` rows with the largest inner product with `query`, best first.
    /// - Parameters:
    ///   - matrix: that of `init`, or one with more rows behind.
    ///   - floor: rows below it are not asked for; the k-th best score of some k eligible rows changes no list and spares the
    ///     search its beginning. NaN = none.
    ///   - isEligible: asked only of rows that would enter; rows it refuses never take a place.
    public func largest(
        _ count: Int, query: [Float], in matrix: DenseMatrix, atLeast floor: Float = -.infinity,
        where isEligible: (Int) -> Bool = { _ in true }
    ) -> [ScoredRow] {
        var work = Work()
        return largest(count, query: query, in: matrix, atLeast: floor, work: &work, where: isEligible)
    }

    /// - Parameter work: what was done is added to it.
    public func largest(
        _ count: Int, query: [Float], in matrix: DenseMatrix, atLeast floor: Float = -.infinity, work: inout Work,
        where isEligible: (Int) -> Bool = { _ in true }
    ) -> [ScoredRow] {
        precondition(query.count == dimension, "\(query.count) elements for \(dimension) columns")
        guard count > 0, self.count > 0, query.allSatisfy(\.isFinite) else { return [] }
        let floor = floor.isNaN ? -.infinity : floor
        let turned = basis.multiplied(byVector: query)
        let length = Self.length(turned[...])
        let tail = TailQuery(turned[head...], middle: middle, original: query)
        let slack = rounding * length
        var best = TopK(capacity: min(count, self.count))
        var start = 0
        withUnsafeTemporaryAllocation(of: Float.self, capacity: Self.block) { scores in
            withUnsafeTemporaryAllocation(of: Int32.self, capacity: Self.block) { waiting in
                guard let sums = scores.baseAddress, let waiting = waiting.baseAddress else { return }
                while start < self.count {
                    let longest = lengths[start]
                    let wide = slack * longest
                    if (length * longest + wide) < max(floor, best.threshold) { break }
                    let size = min(Self.block, self.count - start)
                    scoreHeads(start, size, turned, into: sums)
                    work.heads += size
                    let threshold = max(floor, best.threshold) - wide
                    var count = 0
                    middleLengths.withUnsafeBufferPointer { middleLengths in
                        restLengths.withUnsafeBufferPointer { restLengths in
                            guard let middles = middleLengths.baseAddress.map({ $0 + start }),
                                let rests = restLengths.baseAddress.map({ $0 + start })
                            else { return }
                            for offset in 0..<size {
                                // Without a branch, by the sign: few rows stay, in no order.
                                let bound =
                                    sums[offset] + tail.middleLength * middles[offset] + tail.restLength * rests[offset]
                                waiting[count] = Int32(truncatingIfNeeded: offset)
                                count &+= 1 &- Int(truncatingIfNeeded: (bound - threshold).bitPattern &>> 31)
                            }
                        }
                    }
                    readOn(
                        UnsafeBufferPointer(start: waiting, count: count), sums, start, tail, wide, matrix, floor,
                        &best, &work, isEligible)
                    start += size
                }
            }
        }
        return best.sorted()
    }

    /// What reading on takes of a query.
    private struct TailQuery {
        let original: [Float]
        /// Turned, behind the head; a zero behind it, so that there is something where the head is all.
        let tail: [Float]
        let middleLength: Float
        let restLength: Float

        init(_ turned: ArraySlice<Float>, middle: Int, original: [Float]) {
            (self.original, tail) = (original, Array(turned) + [0])
            (middleLength, restLength) = (PrunedSearch.length(tail[..<middle]), PrunedSearch.length(tail[middle...]))
        }
    }

    /// Rows of a block that their heads did not rule out.
    private func readOn(
        _ waiting: UnsafeBufferPointer<Int32>, _ sums: UnsafeMutablePointer<Float>, _ start: Int, _ query: TailQuery,
        _ wide: Float, _ matrix: DenseMatrix, _ floor: Float, _ best: inout TopK,
        _ work: inout Work, _ isEligible: (Int) -> Bool
    ) {
        let (width, middle) = (dimension - head, middle)
        var threshold = max(floor, best.threshold) - wide
        tails.withUnsafeBufferPointer { tails in
            middleLengths.withUnsafeBufferPointer { middleLengths in
                restLengths.withUnsafeBufferPointer { restLengths in
                    query.tail.withUnsafeBufferPointer { tailQuery in
                        guard let base = tails.baseAddress, let turned = tailQuery.baseAddress else { return }
                        for turn in 0..<waiting.count {
                            let offset = Int(waiting[turn])
                            let place = start &+ offset
                            let next = start &+ Int(waiting[min(turn &+ 10, waiting.count &- 1)])
                            willRead(base + next &* width, bytes: 4 &* middle)
                            var score = sums[offset]
                            // The threshold may have risen since.
                            let rest = query.restLength * restLengths[place]
                            if score + query.middleLength * middleLengths[place] + rest < threshold { continue }
                            work.tails += 1
                            let tail = base + place &* width
                            score += BLAS.dot(tail, turned, n: middle)
                            if score + rest < threshold { continue }
                            score += BLAS.dot(tail + middle, turned + middle, n: width - middle)
                            if score < threshold { continue }
                            let row = Int(rows[place])
                            work.scored += 1
                            let exact = ScoredRow(row: row, score: matrix.dot(row: row, query.original))
                            if exact.score >= max(floor, best.threshold), isEligible(row) {
                                best.offer(exact)
                                threshold = max(floor, best.threshold) - wide
                            }
                        }
                    }
                }
            }
        }
    }

    private func scoreHeads(_ start: Int, _ size: Int, _ query: [Float], into sums: UnsafeMutablePointer<Float>) {
        heads.withUnsafeBufferPointer { heads in
            guard let base = heads.baseAddress else { return }
            BLAS.multiplyTransposed(base + start * head, vector: query, into: sums, m: head, n: size)
        }
    }

    fileprivate static func length(_ values: ArraySlice<Float>) -> Float {
        Float(values.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()).nextUp
    }
}

extension DenseMatrix {
    /// Length of each row's dimensions from `first` up to `last`, or to the end, rounded up.
    fileprivate func lengths(from first: Int, to last: Int? = nil) -> [Float] {
        elements.withUnsafeBufferPointer { all in
            (0..<rows).map { row in
                var square = 0.0
                for k in first..<max(first, last ?? columns) {
                    square += Double(all[row * columns + k]) * Double(all[row * columns + k])
                }
                return Float(square.squareRoot()).nextUp
            }
        }
    }
}

// MARK: - Many queries

extension PrunedSearch {
    /// The same for many queries at once, through matrix products of the queries that are not done yet with a block of rows.
    /// - Parameters:
    ///   - queries: queries x d.
    ///   - isEligible: asked with the number of a query and a row that would enter its list.
    /// - Complexity: O(queries * rows * d) at most.
    public func largest(
        _ count: Int, queries: DenseMatrix, in matrix: DenseMatrix,
        where isEligible: (_ query: Int, _ row: Int) -> Bool = { _, _ in true }
    ) -> [[ScoredRow]] {
        precondition(queries.columns == dimension, "\(queries.columns) columns for \(dimension)")
        let d = dimension
        var best = (0..<queries.rows).map { _ in TopK(capacity: min(count, self.count)) }
        let turned = queries.multipliedByTransposed(basis)
        let originals = (0..<queries.rows).map { queries[row: $0] }
        let sizes = originals.map { Self.length($0[...]) }
        var open = (0..<queries.rows).filter { count > 0 && originals[$0].allSatisfy(\.isFinite) }
        var block = [Float](repeating: 0, count: Self.block * d)
        var scores = [Float](repeating: 0, count: queries.rows * Self.block)
        var gathered: [Float] = []
        var start = 0
        while start < self.count, !open.isEmpty {
            let longest = lengths[start]
            let slack = rounding * longest
            let before = open.count
            open.removeAll { sizes[$0] * longest + slack * sizes[$0] < best[$0].threshold }
            if gathered.isEmpty || open.count < before {
                gathered = open.flatMap { turned.elements[($0 * d)..<(($0 + 1) * d)] }
            }
            let size = min(Self.block, self.count - start)
            fill(start, size, into: &block)
            BLAS.multiplyTransposed(gathered, block, into: &scores, m: open.count, n: size, k: d)
            for (place, query) in open.enumerated() {
                let wide = slack * sizes[query]
                var threshold = best[query].threshold - wide
                for offset in 0..<size where scores[place * size + offset] >= threshold {
                    let row = Int(rows[start + offset])
                    let exact = ScoredRow(row: row, score: matrix.dot(row: row, originals[query]))
                    if exact.score >= best[query].threshold, isEligible(query, row) {
                        best[query].offer(exact)
                        threshold = best[query].threshold - wide
                    }
                }
            }
            start += size
        }
        return best.map { $0.sorted() }
    }

    /// A block of rows, size x d.
    private func fill(_ start: Int, _ size: Int, into block: inout [Float]) {
        let (d, width) = (dimension, dimension - head)
        heads.withUnsafeBufferPointer { heads in
            tails.withUnsafeBufferPointer { tails in
                for offset in 0..<size {
                    for k in 0..<head { block[offset * d + k] = heads[start * head + k * size + offset] }
                    for k in 0..<width { block[offset * d + head + k] = tails[(start + offset) * width + k] }
                }
            }
        }
    }
}
