// What a model knows of a user, with what the user did after training.

extension ModelSnapshot {
    /// What training knew of a user row; nothing for a row outside the table.
    public func evidence(ofRow row: Int) -> UserEvidence {
        guard row >= 0, row < history.users.count else { return UserEvidence(factors: nil, past: []) }
        let past = history.past(of: row)
        return UserEvidence(
            factors: past.isEmpty ? nil : factors.users[row: row], past: past, segments: segments(ofRow: row))
    }

    private func segments(ofRow row: Int) -> [Int32] { userSegments.range(of: row).map { userSegments.indices[$0] } }

    /// What the model knows of a user, with events that came after training.
    ///
    /// A known user without new events has the trained factors. With new events, or for a new user, the factors are the exact
    /// fold-in of all of it.
    /// - Parameters:
    ///   - user: `nil` = a visitor without a name.
    ///   - events: the live window, any order; events already in the training history are passed over.
    ///   - attributes: what the shop knows of the user now; `nil` = as at training.
    public func evidence(
        of user: UserID?, events: [Interaction], attributes: [String: String]? = nil
    ) -> UserEvidence {
        let row = user.flatMap { history.users.row(of: $0.rawValue) }
        let segments = attributes.map { self.segments.segments(of: $0) } ?? row.map { self.segments(ofRow: $0) } ?? []
        var past = row.map { history.past(of: $0) } ?? []
        let merged = merge(events, into: &past)
        guard merged else {
            return UserEvidence(
                factors: past.isEmpty ? nil : row.map { factors.users[row: $0] }, past: past, segments: segments)
        }
        let folded = foldIn.user(
            entries: past.map(\.item), confidences: past.map(\.confidence), prior: priorMean(segments))
        return UserEvidence(factors: folded, past: past, segments: segments)
    }

    /// What attributes alone say of a user's factors; `nil` = zero.
    private func priorMean(_ segments: [Int32]) -> [Float]? {
        guard configuration.als.usesAttributes, !segments.isEmpty else { return nil }
        var mean = [Float](repeating: 0, count: userPrior.matrix.columns)
        for segment in segments {
            for (k, value) in userPrior.matrix[row: Int(segment)].enumerated() { mean[k] += value }
        }
        return mean
    }

    /// Adds events that the past does not hold; days of shopping that they begin make what was before older.
    /// - Returns: whether there were any.
    private func merge(_ events: [Interaction], into past: inout [PastItem]) -> Bool {
        struct Added {
            let item: Int32
            let minutes: Int32
            let weight: Double
        }
        var places: [Int32: Int] = [:]
        for (place, item) in past.enumerated() { places[item.item] = place }
        var added: [Added] = []
        for event in events {
            let weight = configuration.confidence.weight(of: event.kind, at: event.timestamp, now: event.timestamp)
            guard weight > 0, let found = history.items.row(of: event.item.rawValue) else { continue }
            let item = Int32(found)
            let minutes = HistoryBuilder.minutes(of: event.timestamp)
            if let place = places[item], minutes <= past[place].lastMinutes { continue }
            added.append(Added(item: item, minutes: minutes, weight: weight))
        }
        guard !added.isEmpty else { return false }
        let lastDay = past.map { HistoryBuilder.day($0.lastMinutes) }.max() ?? Int32.min
        let newDays = Set(added.map { HistoryBuilder.day($0.minutes) }).filter { $0 > lastDay }.sorted(by: >)
        for place in past.indices {
            let old = past[place]
            past[place] = PastItem(
                item: old.item, confidence: old.confidence, count: old.count,
                freshness: old.freshness.aged(by: newDays.count), lastMinutes: old.lastMinutes)
        }
        for event in added.sorted(by: { ($0.minutes, $0.item) < ($1.minutes, $1.item) }) {
            let since = newDays.firstIndex(of: HistoryBuilder.day(event.minutes)) ?? newDays.count
            let fresh = Freshness.now.aged(by: since)
            let confidence = configuration.confidence
            if let place = places[event.item] {
                let old = past[place]
                past[place] = PastItem(
                    item: event.item,
                    confidence: confidence.confidence(ofSum: confidence.sum(of: old.confidence) + event.weight),
                    count: old.count + 1, freshness: old.freshness + fresh, lastMinutes: event.minutes)
            } else {
                places[event.item] = past.count
                past.append(
                    PastItem(
                        item: event.item, confidence: confidence.confidence(ofSum: event.weight), count: 1,
                        freshness: fresh, lastMinutes: event.minutes))
            }
        }
        past.sort { $0.item < $1.item }
        return true
    }
}
