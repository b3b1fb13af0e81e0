// Where the engine's events go.
import RecCore

/// `InteractionLog` on the ledger: an event is history at once. What it says of a list that was shown is noted beside the list.
public struct EventLog: InteractionLog {
    private let ledger: SalesLedger
    private let shown: ShownLists

    public init(ledger: SalesLedger, shown: ShownLists) { (self.ledger, self.shown) = (ledger, shown) }

    public func append(_ interactions: [Interaction]) async throws(StorageError) {
        _ = try await ledger.append(interactions)
        try await shown.append(outcomes: interactions.compactMap { Outcome($0) })
    }
}
