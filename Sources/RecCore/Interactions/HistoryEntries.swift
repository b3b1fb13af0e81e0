// From a user's events to entries of the matrix: what each item of a past counts, and how fresh it is.

extension HistoryBuilder {
    /// The entries of the matrix and what is known of each.
    struct Entries {
        var offsets: [Int64] = [0]
        let indices: ColumnBuffer<Int32>
        let values: ColumnBuffer<Float>
        let counts: ColumnBuffer<Float>
        let lasts: ColumnBuffer<Int32>
        let slow: ColumnBuffer<Float>
        let fast: ColumnBuffer<Float>
        let month: ColumnBuffer<Float>
        /// Whether the item was taken on more than one day.
        let repeated: ColumnBuffer<Bool>

        init(
            _ builder: HistoryBuilder, _ confidence: ConfidenceModel, _ marks: [Bool]?, end: Timestamp, starts: [Int]
        ) {
            let users = builder.userCount
            let walk = EntryWalk(builder, confidence, marks, end: end, starts: starts)
            let lengths = ColumnBuffer<Int64>(users)
            forEachRange(users, grain: 4096) { range in
                for row in range {
                    var length: Int64 = 0
                    walk.forEachEntry(of: row, since: []) { _ in length += 1 }
                    lengths.base[row] = length
                }
            }
            offsets.reserveCapacity(users + 1)
            for row in 0..<users { offsets.append(offsets[row] + lengths.base[row]) }
            let total = Int(offsets[users])
            (indices, values, counts) = (ColumnBuffer(total), ColumnBuffer(total), ColumnBuffer(total))
            (lasts, slow, fast) = (ColumnBuffer(total), ColumnBuffer(total), ColumnBuffer(total))
            (month, repeated) = (ColumnBuffer(total), ColumnBuffer(total))
            let parts = self
            forEachRange(users, grain: 4096) { range in
                for row in range {
                    var place = Int(parts.offsets[row])
                    walk.forEachEntry(of: row, since: walk.days(of: row)) { entry in
                        parts.indices.base[place] = entry.item
                        parts.values.base[place] = confidence.confidence(ofSum: entry.sum)
                        parts.counts.base[place] = entry.count
                        parts.lasts.base[place] = entry.last
                        parts.slow.base[place] = entry.fresh.slow
                        parts.fast.base[place] = entry.fresh.fast
                        parts.month.base[place] = entry.fresh.month
                        parts.repeated.base[place] = entry.days > 1
                        place += 1
                    }
                }
            }
        }

        func itemEvents(_ items: Int) -> [Float] {
            var sums = [Float](repeating: 0, count: items)
            for place in 0..<indices.count { sums[Int(indices.base[place])] += counts.base[place] }
            return sums
        }

        /// A worker for each half-life, each in the order of the entries.
        func decayedEvents(_ items: Int, end: Timestamp) -> Column<Float> {
            let halfLives = InteractionHistory.popularityHalfLives
            let result = ColumnBuffer<Float>(halfLives.count * items)
            result.base.initialize(repeating: 0, count: result.count)
            let days = end.days
            forEachRange(halfLives.count, grain: 1) { range in
                for row in range {
                    let sums = result.base + row * items
                    for place in 0..<indices.count {
                        let age = max(0, days - Double(lasts.base[place]) / 1440)
                        // Less than a thousand-millionth of an event today is nothing.
                        guard age < 30 * halfLives[row] else { continue }
                        sums[Int(indices.base[place])] += Float(exp2Of(-age / halfLives[row]))
                    }
                }
            }
            return result.column
        }

        /// ln((repeaters + 5 r) / (takers + 5) / r), r being the rate of all items.
        func repeatRates(_ items: Int) -> [Float] {
            var takers = [Float](repeating: 0, count: items)
            var repeaters = takers
            for place in 0..<indices.count {
                takers[Int(indices.base[place])] += 1
                if repeated.base[place] { repeaters[Int(indices.base[place])] += 1 }
            }
            let rate = Double(repeaters.reduce(0, +)) / max(1, Double(takers.reduce(0, +)))
            guard rate > 0 else { return takers.map { _ in 0 } }
            return zip(takers, repeaters).map { Float(logOf((Double($1) + 5 * rate) / (Double($0) + 5) / rate)) }
        }
    }

    /// Goes over a user's marked events item by item.
    private struct EntryWalk: Sendable {
        private let builder: HistoryBuilder
        private let marks: [Bool]?
        private let confidence: ConfidenceModel
        /// By kind number, for events that do not age.
        private let weights: [Double]
        private let end: Timestamp
        private let starts: [Int]
        private let slowPowers: [Float]
        private let fastPowers: [Float]

        init(
            _ builder: HistoryBuilder, _ confidence: ConfidenceModel, _ marks: [Bool]?, end: Timestamp, starts: [Int]
        ) {
            (self.builder, self.confidence, self.marks) = (builder, confidence, marks)
            (self.end, self.starts) = (end, starts)
            weights = builder.kinds.map { confidence.kindWeights[$0] ?? 1 }
            slowPowers = (0..<400).map { Float(powOf(Freshness.slowDecay, Double($0))) }
            fastPowers = (0..<400).map { Float(powOf(Freshness.fastDecay, Double($0))) }
        }

        struct Entry {
            let item: Int32
            var sum = 0.0
            var count: Float = 0
            var days = 0
            var last = Int32.min
            var fresh = Freshness(slow: 0, fast: 0, month: 0)
        }

        /// Days on which the user did something, the last first.
        func days(of row: Int) -> [Int32] {
            var days: [Int32] = []
            for event in starts[row]..<starts[row + 1] where marks?[event] ?? true {
                let day = HistoryBuilder.day(builder.minutes[event])
                if days.last != day { days.append(day) }
            }
            days.sort(by: >)
            var kept = 0
            for place in days.indices where place == 0 || days[place] != days[kept - 1] {
                days[kept] = days[place]
                kept += 1
            }
            days.removeLast(days.count - kept)
            return days
        }

        /// - Parameter days: of the user, for the freshness; empty where it is not asked for.
        func forEachEntry(of row: Int, since days: [Int32], _ take: (Entry) -> Void) {
            var event = starts[row]
            while event < starts[row + 1] {
                var entry = Entry(item: builder.item[event])
                var lastDay = Int32.min
                while event < starts[row + 1], builder.item[event] == entry.item {
                    defer { event += 1 }
                    guard marks?[event] ?? true else { continue }
                    let weight = weight(event)
                    guard weight > 0 else { continue }
                    entry.sum += weight
                    entry.count += 1
                    entry.last = max(entry.last, builder.minutes[event])
                    guard !days.isEmpty else { continue }
                    let day = HistoryBuilder.day(builder.minutes[event])
                    if day != lastDay { (entry.days, lastDay) = (entry.days + 1, day) }
                    entry.fresh = entry.fresh + freshness(event, shoppingDays: Self.rank(day, in: days))
                }
                if entry.count > 0 { take(entry) }
            }
        }

        private func weight(_ event: Int) -> Double {
            guard confidence.halfLifeDays != nil else { return weights[Int(builder.kindNumber[event])] }
            let time = Timestamp(milliseconds: Int64(builder.minutes[event]) * 60_000)
            return confidence.weight(of: builder.kinds[Int(builder.kindNumber[event])], at: time, now: end)
        }

        /// Shopping days since `day`: 0 = the last.
        private static func rank(_ day: Int32, in days: [Int32]) -> Int {
            var (low, high) = (0, days.count)
            while low < high {
                let middle = (low + high) / 2
                if days[middle] > day { low = middle + 1 } else { high = middle }
            }
            return low
        }

        private func freshness(_ event: Int, shoppingDays: Int) -> Freshness {
            let age = max(0, end.days - Double(builder.minutes[event]) / 1440)
            let fresh = Freshness(slow: 1, fast: 1, month: Float(exp2Of(-age / Freshness.monthHalfLife)))
            guard shoppingDays < slowPowers.count else { return fresh.aged(by: shoppingDays) }
            return Freshness(slow: slowPowers[shoppingDays], fast: fastPowers[shoppingDays], month: fresh.month)
        }
    }
}
