// From interactions in any order to a history, and the cuts that validation needs.

/// Collects interactions in any order, then builds the history. Memory: 13 bytes an event and the names.
public struct HistoryBuilder: Sendable {
    private var userRows: [UserID: Int32] = [:], itemRows: [ItemID: Int32] = [:]
    private var userNames: [String] = [], itemNames: [String] = []
    private var user: [Int32] = [], item: [Int32] = [], minutes: [Int32] = []
    private var kindNumber: [UInt8] = []
    /// Rows of items that the catalogue lists, whether they have events or not.
    private var listed: Set<Int32> = []
    /// Kinds of the events added.
    public private(set) var kinds: [InteractionKind] = []

    public init() {}

    public var eventCount: Int { user.count }

    /// Users by row.
    public var userIDs: [UserID] { userNames.map(UserID.init) }

    /// Items by row.
    public var itemIDs: [ItemID] { itemNames.map(ItemID.init) }

    /// Whole days since 1970-01-01, also before it.
    static func day(_ minutes: Int32) -> Int32 { Int32((Double(minutes) / 1440).rounded(.down)) }

    static func minutes(of time: Timestamp) -> Int32 {
        Int32(clamping: time.milliseconds / 60_000)
    }

    /// Makes a user known that may have no event.
    public mutating func add(user id: UserID) { _ = userRow(id) }

    /// Makes an item known that may have no event, so that it has a row in the model.
    public mutating func add(item id: ItemID) { listed.insert(itemRow(id)) }

    public mutating func add(_ interaction: Interaction) {
        user.append(userRow(interaction.user))
        item.append(itemRow(interaction.item))
        minutes.append(Self.minutes(of: interaction.timestamp))
        let kind: Int
        if let known = kinds.firstIndex(of: interaction.kind) {
            kind = known
        } else if kinds.count < 255 {
            kind = kinds.count
            kinds.append(interaction.kind)
        } else {
            kind = 254
        }
        kindNumber.append(UInt8(kind))
    }

    private mutating func userRow(_ name: UserID) -> Int32 {
        if let known = userRows[name] { return known }
        let row = Int32(userNames.count)
        userRows[name] = row
        userNames.append(name.rawValue)
        return row
    }

    private mutating func itemRow(_ name: ItemID) -> Int32 {
        if let known = itemRows[name] { return known }
        let row = Int32(itemNames.count)
        itemRows[name] = row
        itemNames.append(name.rawValue)
        return row
    }

    /// Events are seen from the last one taken. The id tables always hold every user and item added.
    /// - Parameter only: a mark for each event, in the order of adding; `nil` = all.
    /// - Complexity: O(events log(events of a user)).
    public func build(_ confidence: ConfidenceModel = ConfidenceModel(), only: [Bool]? = nil) -> InteractionHistory {
        precondition(only.map { $0.count == user.count } ?? true, "\(only?.count ?? 0) marks for \(user.count) events")
        let taken = user.indices.filter { only?[$0] ?? true }
        var firstMinute = Int32.max
        var lastMinute = Int32.min
        for event in taken {
            firstMinute = min(firstMinute, minutes[event])
            lastMinute = max(lastMinute, minutes[event])
        }
        if taken.isEmpty { (firstMinute, lastMinute) = (0, 0) }
        let end = Timestamp(milliseconds: Int64(lastMinute) * 60_000)
        var starts = [Int](repeating: 0, count: userNames.count + 1)
        for event in taken { starts[Int(user[event]) + 1] += 1 }
        for u in userNames.indices { starts[u + 1] += starts[u] }
        var next = starts
        var order = [Int](repeating: 0, count: taken.count)
        for event in taken {
            order[next[Int(user[event])]] = event
            next[Int(user[event])] += 1
        }
        var offsets: [Int64] = [0]
        var indices: [Int32] = []
        var values: [Float] = []
        var counts: [Float] = []
        var lasts: [Int32] = []
        var slow: [Float] = []
        var fast: [Float] = []
        var month: [Float] = []
        offsets.reserveCapacity(userNames.count + 1)
        var itemEvents = [Float](repeating: 0, count: itemNames.count)
        let halfLives = InteractionHistory.popularityHalfLives
        var decayed = [Float](repeating: 0, count: halfLives.count * itemNames.count)
        var takers = itemEvents
        var repeaters = itemEvents
        let endDays = end.days
        for u in userNames.indices {
            let events = order[starts[u]..<starts[u + 1]].sorted {
                (item[$0], minutes[$0], $0) < (item[$1], minutes[$1], $1)
            }
            // Shopping days since, of each day on which the user did something: 0 = the last.
            let days = Set(events.map { Self.day(minutes[$0]) }).sorted(by: >)
            let since = Dictionary(uniqueKeysWithValues: zip(days, 0...))
            var place = 0
            while place < events.count {
                let column = item[events[place]]
                var sum = 0.0
                var fresh = Freshness(slow: 0, fast: 0, month: 0)
                var count: Float = 0
                var daysTaken = 0
                var lastDay = Int32.min
                var last = Int32.min
                while place < events.count, item[events[place]] == column {
                    let event = events[place]
                    let time = Timestamp(milliseconds: Int64(minutes[event]) * 60_000)
                    let weight = confidence.weight(of: kinds[Int(kindNumber[event])], at: time, now: end)
                    place += 1
                    guard weight > 0 else { continue }
                    sum += weight
                    count += 1
                    last = max(last, minutes[event])
                    itemEvents[Int(column)] += 1
                    let day = Self.day(minutes[event])
                    if day != lastDay { (daysTaken, lastDay) = (daysTaken + 1, day) }
                    let age = max(0, endDays - time.days)
                    fresh =
                        fresh
                        + Freshness(
                            slow: 1, fast: 1, month: Float(exp2Of(-age / Freshness.monthHalfLife))
                        ).aged(by: since[day] ?? 0)
                }
                guard count > 0 else { continue }
                indices.append(column)
                values.append(confidence.confidence(ofSum: sum))
                counts.append(count)
                lasts.append(last)
                slow.append(fresh.slow)
                fast.append(fresh.fast)
                month.append(fresh.month)
                takers[Int(column)] += 1
                let age = max(0, endDays - Timestamp(milliseconds: Int64(last) * 60_000).days)
                for (row, halfLife) in halfLives.enumerated() {
                    decayed[row * itemNames.count + Int(column)] += Float(exp2Of(-age / halfLife))
                }
                if daysTaken > 1 { repeaters[Int(column)] += 1 }
            }
            offsets.append(Int64(indices.count))
        }
        return InteractionHistory(
            users: IDMap(userNames), items: IDMap(itemNames),
            matrix: InteractionMatrix(
                rows: userNames.count, columns: itemNames.count, offsets: Column(offsets), indices: Column(indices),
                values: Column(values)),
            counts: Column(counts), lastMinutes: Column(lasts),
            freshness: EntryFreshness(slow: Column(slow), fast: Column(fast), month: Column(month)),
            firstTime: Timestamp(milliseconds: Int64(firstMinute) * 60_000), lastTime: end,
            eventCount: taken.count, itemEvents: Column(itemEvents), itemDecayedEvents: Column(decayed),
            itemRepeatRate: Column(Self.repeatRates(takers: takers, repeaters: repeaters)),
            itemExposure: Column(self.exposure(of: Array(taken))),
            unknownItems: Set(
                itemNames.indices.map(Int32.init).filter { itemEvents[Int($0)] == 0 && !listed.contains($0) })
        )
    }

    /// For each item the share of the taken events that are not before its first.
    private func exposure(of taken: [Int]) -> [Float] {
        var first = [Int32](repeating: .max, count: itemNames.count)
        for event in taken { first[Int(item[event])] = min(first[Int(item[event])], minutes[event]) }
        let times = taken.map { minutes[$0] }.sorted()
        return first.map { first in
            guard first < .max else { return 0 }
            var (low, high) = (0, times.count)
            while low < high {
                let middle = (low + high) / 2
                if times[middle] < first { low = middle + 1 } else { high = middle }
            }
            return Float(times.count - low) / Float(max(1, times.count))
        }
    }

    /// ln((repeaters + 5 r) / (takers + 5) / r), r being the rate of all items.
    private static func repeatRates(takers: [Float], repeaters: [Float]) -> [Float] {
        let rate = Double(repeaters.reduce(0, +)) / max(1, Double(takers.reduce(0, +)))
        guard rate > 0 else { return takers.map { _ in 0 } }
        return zip(takers, repeaters).map { Float(logOf((Double($1) + 5 * rate) / (Double($0) + 5) / rate)) }
    }
}

// MARK: - Cuts

/// Which events are learned from, and what is asked for.
public struct HistorySplit: Sendable {
    /// A mark for each event of the builder.
    public let isTraining: [Bool]
    /// User row to the distinct item rows of the held-out events.
    public let test: [Int: Set<Int32>]
    /// The moment of a temporal cut; `nil` for a random hold-out.
    public let cut: Timestamp?
    public init(isTraining: [Bool], test: [Int: Set<Int32>], cut: Timestamp?) {
        (self.isTraining, self.test, self.cut) = (isTraining, test, cut)
    }
}

extension HistoryBuilder {
    /// First and last event; `nil` without events.
    public var timeRange: (first: Timestamp, last: Timestamp)? {
        guard let first = minutes.min(), let last = minutes.max() else { return nil }
        return (Timestamp(milliseconds: Int64(first) * 60_000), Timestamp(milliseconds: Int64(last) * 60_000))
    }

    /// Learns from the marked events before `cut`, asks for those from `cut` on.
    public func split(at cut: Timestamp, within marks: [Bool]? = nil) -> HistorySplit {
        let limit = Self.minutes(of: cut)
        var isTraining = [Bool](repeating: false, count: user.count)
        var test: [Int: Set<Int32>] = [:]
        for event in user.indices where marks?[event] ?? true {
            if minutes[event] < limit {
                isTraining[event] = true
            } else {
                test[Int(user[event]), default: []].insert(item[event])
            }
        }
        return HistorySplit(isTraining: isTraining, test: test, cut: cut)
    }

    /// Reserves the last `days`, or less where that would be more than a quarter of the time span or of the events; whole
    /// days (UTC) where the span has four or more. Where all events happened at one moment, time says nothing: then one in ten of each user's items, at
    /// least one where there are two, chosen by `seed`.
    public func validationSplit(days: Double, within marks: [Bool]? = nil, seed: UInt64 = 1) -> HistorySplit {
        var first = Int32.max
        var last = Int32.min
        for event in user.indices where marks?[event] ?? true {
            first = min(first, minutes[event])
            last = max(last, minutes[event])
        }
        guard first < last else { return randomSplit(within: marks, seed: seed) }
        let minutesPerDay = 1440.0
        let span = (Double(last) - Double(first)) / minutesPerDay
        let held = min(days, span / 4)
        var cut = Double(last) - held * minutesPerDay
        var times = user.indices.filter { marks?[$0] ?? true }.map { minutes[$0] }
        times.sort()
        cut = max(cut, Double(times[times.count * 3 / 4]))
        if span >= 4 {
            cut = min(
                ((cut / minutesPerDay + 1e-9).rounded(.down) + 1) * minutesPerDay,
                (Double(last) / minutesPerDay).rounded(.down) * minutesPerDay)
        }
        return split(at: Timestamp(milliseconds: Int64(cut.rounded(.up)) * 60_000), within: marks)
    }

    /// The validation split, and the same window moved back in time by its own length, as long as half of the first split's
    /// events stay to learn from.
    public func validationFolds(days: Double, count: Int, within marks: [Bool]? = nil, seed: UInt64 = 1)
        -> [HistorySplit]
    {
        let first = validationSplit(days: days, within: marks, seed: seed)
        var folds = [first]
        guard let cut = first.cut, count > 1 else { return folds }
        let last = user.indices.filter { marks?[$0] ?? true }.map { minutes[$0] }.max() ?? 0
        var window = Int64(last) + 1 - cut.milliseconds / 60_000
        // Whole days where the cut is one: the last day of data without a time of day is a day, not its first minute.
        if cut.milliseconds % Timestamp.millisecondsPerDay == 0 { window = (window + 1439) / 1440 * 1440 }
        let needed = first.isTraining.count { $0 } / 2
        for fold in 1..<count {
            let start = Int32(clamping: cut.milliseconds / 60_000 - Int64(fold) * window)
            let end = Int32(clamping: Int64(start) + window)
            let inside = user.indices.map { (marks?[$0] ?? true) && minutes[$0] < end }
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
    /// - Parameter items: rows that may be hidden.
    public func hidingSplit(
        _ share: Double, of items: [Int], within marks: [Bool]? = nil, seed: UInt64 = 1
    ) -> HistorySplit {
        var generator = SplitMix64(seed: seed)
        var isHidden = [Bool](repeating: false, count: itemNames.count)
        for row in items.shuffled(using: &generator).prefix(Int(share * Double(items.count))) { isHidden[row] = true }
        let open = user.indices.map { (marks?[$0] ?? true) && !isHidden[Int(item[$0])] }
        let split = randomSplit(within: open, seed: seed)
        var test = split.test
        for event in user.indices where (marks?[event] ?? true) && isHidden[Int(item[event])] {
            test[Int(user[event]), default: []].insert(item[event])
        }
        return HistorySplit(isTraining: split.isTraining, test: test, cut: nil)
    }

    private func randomSplit(within marks: [Bool]?, seed: UInt64) -> HistorySplit {
        var own: [Int: [Int32]] = [:]
        for event in user.indices where marks?[event] ?? true { own[Int(user[event]), default: []].append(item[event]) }
        var generator = SplitMix64(seed: seed)
        var test: [Int: Set<Int32>] = [:]
        for user in own.keys.sorted() {
            let distinct = Set(own[user] ?? []).sorted()
            guard distinct.count >= 2 else { continue }
            test[user] = Set(distinct.shuffled(using: &generator).prefix(max(1, distinct.count / 10)))
        }
        let isTraining = user.indices.map { event in
            (marks?[event] ?? true) && test[Int(user[event])]?.contains(item[event]) != true
        }
        return HistorySplit(isTraining: isTraining, test: test, cut: nil)
    }

    /// Marked events of each item in the `days` before the last marked event.
    public func itemCounts(lastDays days: Double, only marks: [Bool]? = nil) -> [Float] {
        var last = Int32.min
        for event in user.indices where marks?[event] ?? true { last = max(last, minutes[event]) }
        let start = Int32(clamping: Int64(last) - Int64(days * 1440))
        var counts = [Float](repeating: 0, count: itemNames.count)
        for event in user.indices where (marks?[event] ?? true) && minutes[event] > start {
            counts[Int(item[event])] += 1
        }
        return counts
    }
}
