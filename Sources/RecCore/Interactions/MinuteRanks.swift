// Ranks of events in time, counted and not sorted.

/// How many of the marked events came before a minute, and when the n-th came, without sorting them.
struct MinuteRanks {
    let count: Int
    private let first: Int
    /// Events before each minute from `first` on, where the span is short; else all minutes, sorted.
    private let sums: [Int32]
    private let sorted: [Int32]

    init(_ minutes: [Int32], only marks: [Bool]?) {
        var (low, high, count) = (Int32.max, Int32.min, 0)
        for event in minutes.indices where marks?[event] ?? true {
            low = min(low, minutes[event])
            high = max(high, minutes[event])
            count += 1
        }
        self.count = count
        first = Int(low)
        let span = count == 0 ? 0 : Int(high) - Int(low) + 1
        guard count < Int(Int32.max), span <= max(1 << 16, count) else {
            sorted = minutes.indices.filter { marks?[$0] ?? true }.map { minutes[$0] }.sorted()
            sums = []
            return
        }
        var counts = [Int32](repeating: 0, count: span + 1)
        for event in minutes.indices where marks?[event] ?? true { counts[Int(minutes[event]) - Int(low) + 1] += 1 }
        for place in 0..<span { counts[place + 1] += counts[place] }
        (sums, sorted) = (counts, [])
    }

    func before(_ minute: Int32) -> Int {
        if sums.isEmpty { return partition { sorted[$0] < minute } }
        return Int(sums[min(max(0, Int(minute) - first), sums.count - 1)])
    }

    /// Minute of the event of this rank, 0 being the first; 0 where there is none.
    func minute(atRank rank: Int) -> Int32 {
        guard rank >= 0, rank < count else { return 0 }
        if sums.isEmpty { return sorted[rank] }
        return Int32(first + partition(sums.count) { Int(sums[$0]) <= rank } - 1)
    }

    /// The first place of `0..<size` for which `isBefore` is false.
    private func partition(_ size: Int? = nil, _ isBefore: (Int) -> Bool) -> Int {
        var (low, high) = (0, size ?? sorted.count)
        while low < high {
            let middle = (low + high) / 2
            if isBefore(middle) { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
