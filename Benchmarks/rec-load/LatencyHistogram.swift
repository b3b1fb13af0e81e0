// Latencies, counted in classes whose width grows with the value.

/// The classes of an HdrHistogram (Gil Tene, hdrhistogram.org) with three significant digits: values below 2,048 have a class each,
/// beyond it each doubling has 1,024 classes, so that a class is never wider than a thousandth of its values.
struct LatencyHistogram {
    private static let exact = 2048
    private static let perDoubling = 1024
    private var counts = [Int](repeating: 0, count: exact + perDoubling * 32)
    private(set) var count = 0
    private(set) var largest = 0
    private var sum = 0.0

    /// - Parameter value: microseconds.
    mutating func record(_ value: Int) {
        let value = max(0, value)
        counts[min(counts.count - 1, Self.place(of: value))] += 1
        count += 1
        largest = max(largest, value)
        sum += Double(value)
    }

    var mean: Double { count == 0 ? 0 : sum / Double(count) }

    /// The value that a share of all values does not exceed.
    func quantile(_ share: Double) -> Int {
        let wanted = max(1, Int((share * Double(count)).rounded(.up)))
        var seen = 0
        for (place, found) in counts.enumerated() where found > 0 {
            seen += found
            if seen >= wanted { return min(largest, Self.upperEnd(of: place)) }
        }
        return largest
    }

    private static func place(of value: Int) -> Int {
        guard value >= exact else { return value }
        let doublings = (Int.bitWidth - 1 - value.leadingZeroBitCount) - 10
        return exact + (doublings - 1) * perDoubling + (value >> doublings) - perDoubling
    }

    private static func upperEnd(of place: Int) -> Int {
        guard place >= exact else { return place }
        let doublings = (place - exact) / perDoubling + 1
        let part = (place - exact) % perDoubling + perDoubling
        return ((part + 1) << doublings) - 1
    }
}
