// The working memory of a request, kept for the next one.
import Synchronization

extension SignalScorer {
    /// Working memory of one request: sums over the neighbours of a past. All zero between requests. Rows are those of the
    /// model's matrices, which were checked when it was loaded, and of a past and a choice that the scorer looked at.
    struct Work: Sendable {
        let sums: ColumnBuffer<SIMD8<Float>>
        /// Regression and sequence.
        let signed: ColumnBuffer<SIMD2<Float>>
        private let isTouched: ColumnBuffer<Bool>
        private(set) var touched: [Int32] = []
        private let isFound: ColumnBuffer<Bool>
        /// Candidates, in the order in which they were found.
        private(set) var found: [Int32] = []
        var profile: [Float]
        init(items: Int, features: Int) {
            func zeros<Element>(_ zero: Element) -> ColumnBuffer<Element> {
                let buffer = ColumnBuffer<Element>(items)
                buffer.base.initialize(repeating: zero, count: items)
                return buffer
            }
            (sums, signed) = (zeros(.zero), zeros(.zero))
            (isTouched, isFound) = (zeros(false), zeros(false))
            profile = Array(repeating: 0, count: features)
        }

        /// - Complexity: O(touched + found), not O(items).
        mutating func clear() {
            for row in touched {
                sums.base[Int(row)] = .zero
                signed.base[Int(row)] = .zero
                isTouched.base[Int(row)] = false
            }
            for row in found { isFound.base[Int(row)] = false }
            touched.removeAll(keepingCapacity: true)
            found.removeAll(keepingCapacity: true)
        }

        @inline(__always)
        mutating func touch(_ row: Int) {
            if !isTouched.base[row] {
                isTouched.base[row] = true
                touched.append(Int32(row))
            }
        }

        /// The sums of the touched row at a place, and what else stands there, will be needed.
        @inline(__always)
        func willRead(_ place: Int) {
            guard place < touched.count else { return }
            RecCore.willRead(sums.base + Int(touched[place]), bytes: 32)
            RecCore.willRead(signed.base + Int(touched[place]), bytes: 8)
        }

        mutating func find(_ row: Int) {
            precondition(row >= 0 && row < isFound.count, "row \(row) of \(isFound.count)")
            if !isFound.base[row] {
                isFound.base[row] = true
                found.append(Int32(row))
            }
        }

        /// Adds to the sums of the rows that some entries name.
        @inline(__always)
        mutating func add(_ entries: Range<Int>, of rows: Column<Int32>, _ amount: (_ entry: Int) -> SIMD8<Float>) {
            rows.withUnsafeBufferPointer { rows in
                for entry in entries {
                    // The rows stand in no order that a cache could guess.
                    let next = Int(rows[min(entry + Self.ahead, entries.upperBound - 1)])
                    RecCore.willRead(sums.base + next, bytes: 32)
                    RecCore.willRead(isTouched.base + next, bytes: 1)
                    let row = Int(rows[entry])
                    touch(row)
                    sums.base[row] += amount(entry)
                }
            }
        }
        private static let ahead = 12
    }

    /// Working memory that no request uses at the moment: one for each that ever ran at the same time.
    final class Spare: Sendable {
        private let works = Mutex<[Work]>([])
        func take() -> Work? { works.withLock { $0.popLast() } }
        func give(_ work: consuming sending Work) { works.withLock { [work] in $0.append(work) } }
    }
}
