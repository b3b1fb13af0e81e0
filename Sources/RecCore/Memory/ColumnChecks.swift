// Looks at whole arrays, without a check at each element, so that the compiler can use vectors.

extension Column where Element: FixedWidthInteger {
    /// Whether every element is at least `low` and below `high`. - Complexity: O(count).
    func lie(from low: Int, below high: Int) -> Bool {
        guard count > 0 else { return true }
        return withUnsafeBufferPointer { all in
            var (least, most) = (all[0], all[0])
            for element in all {
                least = Swift.min(least, element)
                most = Swift.max(most, element)
            }
            return Int(least) >= low && Int(most) < high
        }
    }

    /// Whether no element is less than the one before. - Complexity: O(count).
    var areAscending: Bool {
        withUnsafeBufferPointer { all in
            var falls = 0
            for place in 1..<Swift.max(1, all.count) where all[place] < all[place - 1] { falls += 1 }
            return falls == 0
        }
    }
}

extension Column<Float> {
    /// Whether every element is finite. - Complexity: O(count).
    var areFinite: Bool {
        withUnsafeBufferPointer { all in
            // x * 0 is 0 for a finite x and NaN otherwise; NaN stays NaN in a sum.
            var sums = SIMD8<Float>.zero
            let groups = all.count / 8
            for group in 0..<groups {
                sums += UnsafeRawPointer(all.baseAddress! + group * 8).loadUnaligned(as: SIMD8<Float>.self) * 0
            }
            var rest: Float = sums.sum()
            for place in (groups * 8)..<all.count { rest += all[place] * 0 }
            return rest == 0
        }
    }
}
