// Reading all of history with names as numbers, and how a store that has none does it.

/// Reads history from front to back.
public protocol NumberedHistoryReader: Sendable {
    /// The next rows, about `limit` of them; `nil` at the end.
    mutating func next(limit: Int) async throws(StorageError) -> NumberedPage?
}

extension InteractionStore {
    public func numberedReader() -> any NumberedHistoryReader { NumberingReader(store: self) }
}

/// Numbers the names of the pages of a store that does not.
struct NumberingReader: NumberedHistoryReader {
    let store: any InteractionStore
    private var offset: Int64 = 0
    private var users = NameTable()
    private var items = NameTable()
    private var kinds: [InteractionKind: UInt16] = [:]

    init(store: any InteractionStore) { self.store = store }

    mutating func next(limit: Int) async throws(StorageError) -> NumberedPage? {
        let page = try await store.page(after: offset, limit: limit)
        guard !page.interactions.isEmpty else { return nil }
        offset = page.nextOffset
        var result = NumberedPage()
        for interaction in page.interactions {
            let user = users.number(of: interaction.user.rawValue)
            let item = items.number(of: interaction.item.rawValue)
            if users.count > known.users + result.newUsers.count { result.newUsers.append(interaction.user) }
            if items.count > known.items + result.newItems.count { result.newItems.append(interaction.item) }
            if kinds[interaction.kind] == nil {
                guard kinds.count < Int(UInt16.max) else {
                    throw StorageError(
                        .rejected, operation: "history", reason: "more than \(UInt16.max) kinds of events")
                }
                kinds[interaction.kind] = UInt16(kinds.count)
                result.newKinds.append(interaction.kind)
            }
            result.users.append(Int32(user))
            result.items.append(Int32(item))
            result.kinds.append(kinds[interaction.kind] ?? 0)
            result.timestamps.append(interaction.timestamp)
        }
        known = (users.count, items.count)
        return result
    }

    /// Names of the pages before.
    private var known = (users: 0, items: 0)
}
