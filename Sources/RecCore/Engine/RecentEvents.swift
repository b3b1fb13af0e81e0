// Remembers which events were taken lately, so that one that is sent again is not logged again.
import Synchronization

/// The names of the last events that the log took, and a trace of what each said. Bounded: the oldest are forgotten.
///
/// Windows and history count an event once whatever happens. This keeps the log from growing by repetitions, and tells a caller
/// that uses one name for two events.
final class RecentEvents: Sendable {
    private enum Fate { case pending, taken }
    private struct Known {
        let content: Int
        var fate: Fate
    }
    /// An event id is its user's own: two users' clients may count from 1.
    private struct Name: Hashable {
        let user: UserID
        let event: EventID

        /// `nil` for an event without an id.
        init?(_ interaction: Interaction) {
            guard let event = interaction.event else { return nil }
            (user, self.event) = (interaction.user, event)
        }
    }
    private struct State {
        var known: [Name: Known] = [:]
        /// Names in the order they came; a ring once it is full.
        var ring: [Name] = []
        var next = 0
    }
    private let state = Mutex(State())
    private let capacity: Int

    init(capacity: Int) { self.capacity = max(1, capacity) }

    /// Those of `interactions` that are not logged yet; they are pending until ``finish(_:isTaken:)``.
    /// - Throws: `.conflict` when a name stands for another event; `.unavailable` when the same event is being logged by another
    ///   call, whose end is not known yet.
    func begin(_ interactions: [Interaction]) throws(StorageError) -> [Interaction] {
        try state.withLock { (state) throws(StorageError) in
            var new: [Interaction] = []
            var seen: [Name: Int] = [:]
            for interaction in interactions {
                guard let event = Name(interaction) else {
                    new.append(interaction)
                    continue
                }
                let content = Self.content(of: interaction)
                if let other = seen[event] ?? state.known[event]?.content, other != content {
                    throw StorageError(
                        .conflict, operation: "events.record", reason: "an event id stands for two different events")
                }
                if seen[event] != nil { continue }
                seen[event] = content
                switch state.known[event]?.fate {
                case .taken: continue
                case .pending:
                    throw StorageError(
                        .unavailable, operation: "events.record",
                        reason: "the same event is being logged by another call")
                case nil: new.append(interaction)
                }
            }
            for interaction in new {
                guard let event = Name(interaction), let content = seen[event] else { continue }
                state.known[event] = Known(content: content, fate: .pending)
            }
            return new
        }
    }

    /// Ends what ``begin(_:)`` began.
    func finish(_ interactions: [Interaction], isTaken: Bool) {
        state.withLock { state in
            for interaction in interactions {
                guard let event = Name(interaction) else { continue }
                guard isTaken else {
                    state.known[event] = nil
                    continue
                }
                state.known[event]?.fate = .taken
                if state.ring.count < capacity {
                    state.ring.append(event)
                } else {
                    state.known[state.ring[state.next]] = nil
                    state.ring[state.next] = event
                    state.next = (state.next + 1) % capacity
                }
            }
        }
    }

    /// Differs for events that say something different, but for one chance in 2^64. The moment is left out: a caller that names none
    /// gets the server's, which is another when the event is sent again.
    private static func content(of interaction: Interaction) -> Int {
        var hasher = Hasher()
        hasher.combine(interaction.item)
        hasher.combine(interaction.kind)
        hasher.combine(interaction.weight)
        return hasher.finalize()
    }
}
