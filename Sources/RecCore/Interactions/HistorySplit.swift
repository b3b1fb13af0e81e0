// Which events are learned from, and which are asked for.

/// Which events are learned from, and what is asked for.
public struct HistorySplit: Sendable {
    /// A mark for each event of the builder.
    public let isTraining: [Bool]
    /// User row to the distinct item rows of the held-out events.
    public let test: [Int: Set<Int32>]
    /// The moment of a temporal cut; `nil` for a random hold-out.
    public let cut: Timestamp?
    /// The last event behind the cut; `nil` for a random hold-out.
    public let last: Timestamp?
    /// - Parameters:
    ///   - isTraining: one mark for each event of the builder.
    ///   - test: item rows by user row.
    ///   - cut: `nil` for a random hold-out.
    ///   - last: `nil` for a random hold-out.
    public init(isTraining: [Bool], test: [Int: Set<Int32>], cut: Timestamp?, last: Timestamp? = nil) {
        (self.isTraining, self.test, self.cut, self.last) = (isTraining, test, cut, last)
    }
}

extension HistoryBuilder {
    /// For each kind, whether its events are what a split asks for: those that weigh at least half as much as the heaviest kind
    /// that is one event in a hundred. Of purchases, carts and views the first two are asked for, of views alone the views; a
    /// dislike never.
    public var asked: [Bool] {
        var counts = [Int](repeating: 0, count: max(1, kinds.count))
        for kind in kindNumber { counts[Int(kind)] += 1 }
        let weights = kinds.map { kindWeights[$0] ?? 1 }
        let usual = kinds.indices.filter { counts[$0] * 100 >= eventCount }.map { weights[$0] }.max() ?? 1
        return weights.map { $0 > 0 && $0 >= usual / 2 }
    }

    /// First and last event; `nil` without events.
    public var timeRange: (first: Timestamp, last: Timestamp)? {
        guard let first = minutes.min(), let last = minutes.max() else { return nil }
        return (Timestamp(milliseconds: Int64(first) * 60_000), Timestamp(milliseconds: Int64(last) * 60_000))
    }

    /// Learns from the marked events before `cut`, asks for those from `cut` on whose kind is ``asked``.
    public func split(at cut: Timestamp, within marks: [Bool]? = nil) -> HistorySplit {
        let limit = Self.minutes(of: cut)
        let isAsked = asked
        var isTraining = [Bool](repeating: false, count: eventCount)
        var test: [Int: Set<Int32>] = [:]
        let user = eventUsers()
        var last = limit
        for event in item.indices where marks?[event] ?? true {
            last = max(last, minutes[event])
            if minutes[event] < limit {
                isTraining[event] = true
            } else if isAsked[Int(kindNumber[event])] {
                test[Int(user[event]), default: []].insert(item[event])
            }
        }
        return HistorySplit(
            isTraining: isTraining, test: test, cut: cut, last: Timestamp(milliseconds: Int64(last) * 60_000))
    }

    /// Users that make a window worth judging.
    static let enoughUsers = 20

    /// Reserves the last `days`, or less where that would be more than a quarter of the time span or of the events; whole
    /// days (UTC) where the span has four or more. Where fewer than twenty users did anything in these days, the window begins
    /// earlier, as long as it holds less than a quarter of the events: a shop that was silent, or one event with a wrong date,
    /// leaves no window empty.
    ///
    /// Where nineteen events in twenty happened at one moment, time says nothing: then one in ten of each user's items, at
    /// least one where there are two, chosen by `seed`.
    public func validationSplit(days: Double, within marks: [Bool]? = nil, seed: UInt64 = 1) -> HistorySplit {
        let times = MinuteRanks(minutes, only: marks)
        let tail = times.count / 20
        guard times.count > 0, times.minute(atRank: tail) < times.minute(atRank: times.count - 1 - tail) else {
            return randomSplit(within: marks, seed: seed)
        }
        let minutesPerDay = 1440.0
        let (first, last) = (Double(times.minute(atRank: 0)), Double(times.minute(atRank: times.count - 1)))
        let span = (last - first) / minutesPerDay
        func wholeDays(_ cut: Double) -> Int32 {
            guard span >= 4 else { return Int32(cut.rounded(.up)) }
            return Int32(
                min(
                    ((cut / minutesPerDay + 1e-9).rounded(.down) + 1) * minutesPerDay,
                    (last / minutesPerDay).rounded(.down) * minutesPerDay))
        }
        let earliest = Double(times.minute(atRank: times.count * 3 / 4))
        var cut = wholeDays(max(last - min(days, span / 4) * minutesPerDay, earliest))
        var held = max(1, times.count - times.before(cut))
        while held < times.count / 4, takers(from: cut, within: marks) < Self.enoughUsers {
            held = min(held * 2, times.count / 4)
            cut = min(cut, wholeDays(Double(times.minute(atRank: times.count - held))))
        }
        return split(at: Timestamp(milliseconds: Int64(cut) * 60_000), within: marks)
    }

    /// Users with an event that is asked for from a minute on; counted up to ``enoughUsers``.
    private func takers(from minute: Int32, within marks: [Bool]?) -> Int {
        let isAsked = asked
        var found: Set<Int32> = []
        let user = eventUsers()
        for event in item.indices where minutes[event] >= minute && isAsked[Int(kindNumber[event])] {
            guard marks?[event] ?? true else { continue }
            found.insert(user[event])
            if found.count >= Self.enoughUsers { break }
        }
        return found.count
    }

    /// The validation split, and the same window moved back in time by its own length, as long as half of the first split's
    /// events stay to learn from.
    public func validationFolds(days: Double, count: Int, within marks: [Bool]? = nil, seed: UInt64 = 1)
        -> [HistorySplit]
    {
        let first = validationSplit(days: days, within: marks, seed: seed)
        var folds = [first]
        guard let cut = first.cut, count > 1 else { return folds }
        var last = Int32.min
        for event in item.indices where marks?[event] ?? true { last = max(last, minutes[event]) }
        var window = Int64(last) + 1 - cut.milliseconds / 60_000
        // Whole days where the cut is one: the last day of data without a time of day is a day, not its first minute.
        if cut.milliseconds % Timestamp.millisecondsPerDay == 0 { window = (window + 1439) / 1440 * 1440 }
        // A window that had to begin earlier, because little happened in it, says nothing of the others.
        window = max(1, Int64(min(Double(window), (days * 1440).rounded(.up))))
        let needed = first.isTraining.count { $0 } / 2
        for fold in 1..<count {
            let start = Int32(clamping: cut.milliseconds / 60_000 - Int64(fold) * window)
            let end = Int32(clamping: Int64(start) + window)
            let inside = item.indices.map { (marks?[$0] ?? true) && minutes[$0] < end }
            let split = split(at: Timestamp(milliseconds: Int64(start) * 60_000), within: inside)
            guard split.isTraining.count(where: { $0 }) >= needed, !split.test.isEmpty else { break }
            folds.append(split)
        }
        return folds
    }

    /// Windows to judge models on: as ``validationFolds(days:count:within:seed:)``; where the data have no times, as many
    /// random hold-outs.
    public func evaluationFolds(days: Double, count: Int) -> [HistorySplit] {
        let timed = validationFolds(days: days, count: count)
        guard count > 1, timed.first?.cut == nil else { return timed }
        return (0..<count).map { validationSplit(days: days, seed: UInt64($0 + 1)) }
    }

    /// One in ten of each user's items at random, and a share of the items hidden from training altogether, all their events
    /// asked for: what an item without events is worth can be learned on them. A user has had no chance to take a new item, but
    /// has had every chance to take the others: that is why all pairs of the hidden ones are asked for.
    /// - Parameters:
    ///   - share: of `items`, 0...1.
    ///   - items: rows that may be hidden.
    ///   - marks: which events may be learned from or asked for; `nil` = all.
    ///   - seed: of what is hidden.
    public func hidingSplit(
        _ share: Double, of items: [Int], within marks: [Bool]? = nil, seed: UInt64 = 1
    ) -> HistorySplit {
        var generator = SplitMix64(seed: seed)
        var isHidden = [Bool](repeating: false, count: itemCount)
        for row in items.shuffled(using: &generator).prefix(Int(share * Double(items.count))) { isHidden[row] = true }
        let open = item.indices.map { (marks?[$0] ?? true) && !isHidden[Int(item[$0])] }
        let split = randomSplit(within: open, seed: seed)
        var test = split.test
        let user = eventUsers()
        let isAsked = asked
        for event in item.indices
        where (marks?[event] ?? true) && isHidden[Int(item[event])] && isAsked[Int(kindNumber[event])] {
            test[Int(user[event]), default: []].insert(item[event])
        }
        return HistorySplit(isTraining: split.isTraining, test: test, cut: nil)
    }

    private func randomSplit(within marks: [Bool]?, seed: UInt64) -> HistorySplit {
        var own: [Int: [Int32]] = [:]
        let eventUser = eventUsers()
        let isAsked = asked
        for event in item.indices where (marks?[event] ?? true) && isAsked[Int(kindNumber[event])] {
            own[Int(eventUser[event]), default: []].append(item[event])
        }
        var generator = SplitMix64(seed: seed)
        var test: [Int: Set<Int32>] = [:]
        for user in own.keys.sorted() {
            let distinct = Set(own[user] ?? []).sorted()
            guard distinct.count >= 2 else { continue }
            test[user] = Set(distinct.shuffled(using: &generator).prefix(max(1, distinct.count / 10)))
        }
        let isTraining = item.indices.map { event in
            (marks?[event] ?? true) && test[Int(eventUser[event])]?.contains(item[event]) != true
        }
        return HistorySplit(isTraining: isTraining, test: test, cut: nil)
    }

    /// Marked events of each item in the `days` before the last marked event, of the kinds that are ``asked``.
    public func itemCounts(lastDays days: Double, only marks: [Bool]? = nil) -> [Float] {
        var last = Int32.min
        for event in item.indices where marks?[event] ?? true { last = max(last, minutes[event]) }
        let span = days.isNaN ? 0 : Int64(min(max(days * 1440, 0), 0x1p32))
        let start = Int32(clamping: Int64(last) - span)
        var counts = [Float](repeating: 0, count: itemCount)
        let isAsked = asked
        for event in item.indices
        where (marks?[event] ?? true) && minutes[event] > start && isAsked[Int(kindNumber[event])] {
            counts[Int(item[event])] += 1
        }
        return counts
    }
}
