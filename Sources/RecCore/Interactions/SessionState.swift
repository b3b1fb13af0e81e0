// The last N interactions of one user, exact under any order and any repetition of delivery.

/// A user's window: the newest `capacity` interactions by (time, event id), newest first.
///
/// The window is a *set* cut to its greatest elements, so adding is commutative, associative and idempotent: at-least-once
/// delivery in any order gives the result of exactly-once delivery in order.
public struct SessionState: Hashable, Sendable {
    /// How many interactions every store keeps.
    public static let capacity = 10

    /// Newest first; equal times by event id, greater bytes first.
    public private(set) var interactions: [Interaction] = []

    /// The window of a user of whom nothing is known.
    public init() {}

    /// The window that these events leave, in whatever order they come.
    /// - Complexity: O(events * capacity).
    public init(_ interactions: some Sequence<Interaction>) {
        for interaction in interactions { insert(interaction) }
    }

    /// Adds an event; an event id that is already held changes nothing (the first delivery wins).
    /// Interactions without an event id are not events of a session and are passed over.
    /// - Complexity: O(capacity).
    public mutating func insert(_ interaction: Interaction) {
        guard let event = interaction.event, !interactions.contains(where: { $0.event == event }) else { return }
        let place = interactions.firstIndex { Self.isNewer(interaction, than: $0) } ?? interactions.count
        guard place < Self.capacity else { return }
        interactions.insert(interaction, at: place)
        if interactions.count > Self.capacity { interactions.removeLast() }
    }

    private static func isNewer(_ a: Interaction, than b: Interaction) -> Bool {
        if a.timestamp != b.timestamp { return a.timestamp > b.timestamp }
        guard let x = a.event, let y = b.event else { return false }
        return x > y
    }
}
