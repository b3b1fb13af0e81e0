// The port through which one person is forgotten.

/// A store that holds something of persons, and can forget one of them: history, windows, impressions, an event log that is a table.
///
/// A log that cannot take back what it was given, such as Kafka's, is none: its retention forgets.
public protocol PersonalDataStore: Sendable {
    /// Removes all that is held of a user, so that no read gives it back; a user of whom nothing is held changes nothing.
    ///
    /// What is held of others stays as it is, and where it is: a reader that stopped at an offset goes on from there. The user may come
    /// back, with event ids that were used before: their events are new then.
    /// - Returns: how many rows or windows were removed.
    func erase(_ user: UserID) async throws(StorageError) -> Int
}
