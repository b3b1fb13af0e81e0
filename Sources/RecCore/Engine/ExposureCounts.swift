// How often items that nobody knows yet were shown by this process.
import Synchronization

/// Impressions of young items, for the floor that a policy keeps for them. Each server counts its own; a restart begins anew, which
/// shows a new item a little more than the floor says.
final class ExposureCounts: Sendable {
    /// Items that are counted, at most: launches of years.
    private static let capacity = 200_000
    private let counts = Mutex<[ItemID: Int]>([:])

    func add(_ items: some Sequence<ItemID>) {
        counts.withLock { counts in
            for item in items where counts[item] != nil || counts.count < Self.capacity {
                counts[item, default: 0] += 1
            }
        }
    }

    /// What cannot be counted any more is not below.
    func isBelow(_ floor: Int, _ item: ItemID) -> Bool {
        counts.withLock { counts in (counts[item] ?? (counts.count < Self.capacity ? 0 : floor)) < floor }
    }
}
