// What every store of history must keep to.
import RecCore

/// The promises of `InteractionStore` of RecCore.
public enum InteractionStoreContract {
    /// - Parameter make: gives an empty store; it is called for each promise.
    /// - Throws: ``ContractViolation`` for the first promise that is broken, or the store's own error.
    public static func verify(_ make: () async throws -> any InteractionStore) async throws {
        try await pagesGiveEverythingOnceInOrder(try await make())
        try await namedEventsAreHeldOnce(try await make())
        try await chunksGoOnWhereTheSourceStands(try await make())
        try await everyValueComesBack(try await make())
    }

    private static let check = ContractCheck(port: "InteractionStore")

    private static func all(_ store: any InteractionStore, limit: Int) async throws -> [Interaction] {
        var found: [Interaction] = []
        var offset: Int64 = 0
        while true {
            let page = try await store.page(after: offset, limit: limit)
            guard !page.interactions.isEmpty else { return found }
            try check.expect(
                "a page holds at most `limit`", page.interactions.count <= limit, found: "\(page.interactions.count)")
            try check.expect(
                "every page moves on", page.nextOffset > offset, found: "\(page.nextOffset) after \(offset)")
            found += page.interactions
            offset = page.nextOffset
        }
    }

    private static func pagesGiveEverythingOnceInOrder(_ store: any InteractionStore) async throws {
        // Rows without an event id are not the same event, even when they are equal.
        let rows = try (0..<11).map { try ContractEvents.event(nil, item: "item \($0 / 2)", minute: 5 - $0 / 3) }
        let none = try await store.append([])
        let added = try await store.append(rows)
        try check.expect("`append` answers how many were new", [none, added], is: [0, 11])
        let count = try await store.count()
        try check.expect("`count` counts", count, is: 11)
        let found = try await all(store, limit: 4)
        try check.expect("pages give every interaction once, in the order they were stored", found, is: rows)
        for offset in [1 << 40, Int64.max] {
            let page = try await store.page(after: offset, limit: 4)
            try check.expect("behind the last row is nothing", page.interactions, is: [])
        }
    }

    private static func namedEventsAreHeldOnce(_ store: any InteractionStore) async throws {
        let a = try ContractEvents.event("a", item: "first")
        let again = try ContractEvents.event("a", item: "second")
        let b = try ContractEvents.event("b")
        let first = try await store.append([a, again])
        let second = try await store.append([again, b])
        try check.expect("events with an id that is held are not new", [first, second], is: [1, 1])
        let other = try ContractEvents.event("a", user: "another user")
        let third = try await store.append([other, other])
        try check.expect("another user's event of the same id is new", third, is: 1)
        let found = try await all(store, limit: 10)
        try check.expect("the first delivery of an event id stays", found, is: [a, b, other])
    }

    private static func chunksGoOnWhereTheSourceStands(_ store: any InteractionStore) async throws {
        func position(_ records: Int64, _ fingerprint: String = "f") -> SourcePosition {
            SourcePosition(source: "file.csv", fingerprint: fingerprint, records: records, rejected: records / 2)
        }
        let rows = try (0..<4).map { try ContractEvents.event(nil, item: "item \($0)") }
        let start = try await store.position(of: "file.csv")
        try check.expect("a source that was never loaded has no position", start == nil, found: "a position")
        try await store.load(Array(rows.prefix(2)), from: nil, to: position(2))
        let refused = [nil, position(1), position(2, "other")]
        for previous in refused {
            do {
                try await store.load(rows, from: previous, to: position(4))
                throw ContractViolation(
                    port: check.port, promise: "a chunk from elsewhere than where its source stands is refused",
                    found: "accepted")
            } catch let error as StorageError {
                try check.expect("such a chunk is a `.conflict`", error.code, is: .conflict)
            }
        }
        let between = try await store.position(of: "file.csv")
        try check.expect("a refused chunk leaves the position", between, is: position(2))
        try await store.load(Array(rows.dropFirst(2)), from: position(2), to: position(4))
        let end = try await store.position(of: "file.csv")
        let found = try await all(store, limit: 10)
        try check.expect("the position is stored with its chunk", end, is: position(4))
        try check.expect("a refused chunk adds nothing", found, is: rows)
        let other = try await store.position(of: "file2.csv")
        try check.expect("sources do not share positions", other == nil, found: "a position")
    }

    private static func everyValueComesBack(_ store: any InteractionStore) async throws {
        let odd = try ContractEvents.odd()
        _ = try await store.append(odd)
        let found = try await all(store, limit: 100)
        try check.expect("every field comes back as it was", found, is: odd)
    }
}
