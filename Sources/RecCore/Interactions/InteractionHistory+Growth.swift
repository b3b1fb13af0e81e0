// A history whose table of items grows: items that nobody took yet.

extension InteractionHistory {
    /// The same events with a longer table of items.
    /// - Parameters:
    ///   - items: the old table, or one that ``IDMap/appending(_:)`` made of it.
    ///   - described: rows that the catalogue knows now, so that they may be recommended.
    /// - Complexity: O(items); what is kept for users and entries is shared.
    func growing(to items: IDMap, described: Set<Int32>) -> InteractionHistory {
        let old = self.items.count
        precondition(items.count >= old, "\(items.count) items are fewer than \(old)")
        let decayed = Self.popularityHalfLives.indices.flatMap { span in
            [
                itemDecayedEvents[(span * old)..<((span + 1) * old)],
                Column(Array(repeating: Float(0), count: items.count - old))[...],
            ]
        }
        return InteractionHistory(
            users: users, items: items, matrix: matrix.replacing([:], rows: matrix.rows, columns: items.count),
            counts: counts, lastMinutes: lastMinutes, freshness: freshness, firstTime: firstTime, lastTime: lastTime,
            eventCount: eventCount, itemEvents: itemEvents.padded(to: items.count, with: 0),
            itemDecayedEvents: Column(joining: decayed),
            itemRepeatRate: itemRepeatRate.padded(to: items.count, with: 0),
            itemExposure: itemExposure.padded(to: items.count, with: 0),
            unknownItems: unknownItems.subtracting(described))
    }
}
