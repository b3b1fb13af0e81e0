// The working memory of a request, kept for the next one.
import Synchronization

extension SignalScorer {
    /// Working memory of one request: sums over the neighbours of a past. All zero between requests.
    struct Work: Sendable {
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
    final class Spare: Sendable {
        private let works = Mutex<[Work]>([])
        func take() -> Work? { works.withLock { $0.popLast() } }
        func give(_ work: consuming sending Work) { works.withLock { [work] in $0.append(work) } }
    }
}
