// The working memory of a request, kept for the next one.
import Synchronization

extension SignalScorer {
    /// Working memory of one request: sums over the neighbours of a past. Rows are those of the model's matrices, which were checked
    /// when it was loaded, and of a past and a choice that the scorer looked at.
    ///
    /// The sums of the rows that a past leads to stand side by side in the order in which they were met, so that what goes over all of
    /// them reads memory from front to back, and fits a cache: a past leads to a tenth of the catalogue.
    struct Work: Sendable {
        /// Where each row's sums stand, from 1; 0 = nowhere. All zero between requests.
        private let places: ColumnBuffer<Int32>
        /// The row at each place.
        private let rows: ColumnBuffer<Int32>
        /// By place; zero where no place is taken yet.
        let sums: ColumnBuffer<SIMD8<Float>>
        /// Regression and sequence, by place; likewise.
        let signed: ColumnBuffer<SIMD2<Float>>
        /// Places that are taken.
        private(set) var count = 0
        private let finds: ColumnBuffer<Find>
        /// Inner products with the user's factors, of the rows whose find says so.
        private let likings: ColumnBuffer<Float>
        /// Candidates, in the order in which they were found.
        private(set) var found: [Int32] = []
        var profile: [Float]
        init(items: Int, features: Int) {
            (places, rows) = (ColumnBuffer(items), ColumnBuffer(items))
            (sums, signed) = (ColumnBuffer(items), ColumnBuffer(items))
            (finds, likings) = (ColumnBuffer(items), ColumnBuffer(items))
            places.base.initialize(repeating: 0, count: items)
            sums.base.initialize(repeating: .zero, count: items)
            signed.base.initialize(repeating: .zero, count: items)
            finds.base.initialize(repeating: .no, count: items)
            profile = Array(repeating: 0, count: features)
        }

        /// - Complexity: O(places + found), not O(items).
        mutating func clear() {
            for place in 0..<count { places.base[Int(rows.base[place])] = 0 }
            sums.base.update(repeating: .zero, count: count)
            signed.base.update(repeating: .zero, count: count)
            for row in found { finds.base[Int(row)] = .no }
            count = 0
            found.removeAll(keepingCapacity: true)
        }

        /// The row at a place.
        @inline(__always)
        func row(at place: Int) -> Int { Int(rows.base[place]) }

        /// Where the sums of a row stand; `nil` = the past does not lead to it.
        @inline(__always)
        func place(of row: Int) -> Int? {
            let place = places.base[row]
            return place == 0 ? nil : Int(place) - 1
        }

        /// Where the sums of a row stand; a row that is met first gets a place, with sums of zero.
        ///
        /// Without a branch: whether a row was met before is anybody's guess.
        @inline(__always)
        mutating func placing(_ row: Int) -> Int {
            let known = Int(places.base[row])
            let isFirst = known == 0 ? 1 : 0
            count &+= isFirst
            let place = known &+ isFirst &* count
            places.base[row] = Int32(truncatingIfNeeded: place)
            rows.base[place &- 1] = Int32(truncatingIfNeeded: row)
            return place &- 1
        }

        /// The sums of a row, if it has any, will be needed.
        @inline(__always)
        func willRead(row: Int) { RecCore.willRead(sums.base + (Int(places.base[row]) &- 1), bytes: 32) }

        /// Whether a row is a candidate, and whether its inner product is known.
        private enum Find: UInt8 { case no, yes, liked }

        mutating func find(_ row: Int) {
            precondition(row >= 0 && row < finds.count, "row \(row) of \(finds.count)")
            if finds.base[row] == .no {
                finds.base[row] = .yes
                found.append(Int32(row))
            }
        }

        /// A candidate whose inner product with the user's factors was computed.
        mutating func find(_ row: Int, liking: Float) {
            find(row)
            finds.base[row] = .liked
            likings.base[row] = liking
        }

        /// The inner product of a candidate with the user's factors; `nil` = not computed yet.
        @inline(__always)
        func liking(of row: Int) -> Float? { finds.base[row] == .liked ? likings.base[row] : nil }

        /// Adds to the sums of the rows that some entries name.
        @inline(__always)
        mutating func add(_ entries: Range<Int>, of rows: Column<Int32>, _ amount: (_ entry: Int) -> SIMD8<Float>) {
            rows.withUnsafeBufferPointer { rows in
                for entry in entries {
                    // The rows stand in no order that a cache could guess: first where their sums stand, then the sums.
                    let last = entries.upperBound - 1
                    RecCore.willRead(places.base + Int(rows[min(entry + Self.farAhead, last)]), bytes: 4)
                    willRead(row: Int(rows[min(entry + Self.ahead, last)]))
                    sums.base[placing(Int(rows[entry]))] += amount(entry)
                }
            }
        }
        private static let farAhead = 24
        private static let ahead = 8
    }

    /// Working memory that no request uses at the moment: one for each that ever ran at the same time.
    final class Spare: Sendable {
        private let works = Mutex<[Work]>([])
        func take() -> Work? { works.withLock { $0.popLast() } }
        func give(_ work: consuming sending Work) { works.withLock { [work] in $0.append(work) } }
    }
}
