// The fakes keep to the contracts, and the contracts find implementations that do not.
import RecCore
import RecTesting
import Synchronization
import Testing

@Suite struct ContractTests {
    @Test func fakesKeepToTheirContracts() async throws {
        try await SessionStoreContract.verify { InMemorySessionStore() }
        try await InteractionLogContract.verify {
            let log = InMemoryLog()
            return InteractionLogContract.Subject(log: log) { log.feed(group: $0) }
        }
        try await ImpressionLogContract.verify { InMemoryImpressionLog() }
        try await InteractionStoreContract.verify { InMemoryHistory() }
        try await ItemCatalogContract.verify { InMemoryCatalog() }
        try await UserDirectoryContract.verify { InMemoryUserDirectory() }
        try await ModelStoreContract.verify { InMemoryModelStore() }
        try await PersonalDataContract.verifyHistory { InMemoryHistory() }
        try await PersonalDataContract.verifyWindows { InMemorySessionStore() }
        try await PersonalDataContract.verifyImpressions { InMemoryImpressionLog() }
    }

    @Test(arguments: FaultySessions.Fault.allCases)
    func brokenSessionStoreIsFound(_ fault: FaultySessions.Fault) async throws {
        await #expect(throws: ContractViolation.self) {
            try await SessionStoreContract.verify { FaultySessions(fault) }
        }
    }

    @Test(arguments: FaultyFeed.Fault.allCases)
    func brokenFeedIsFound(_ fault: FaultyFeed.Fault) async throws {
        await #expect(throws: ContractViolation.self) {
            try await InteractionLogContract.verify(patience: .milliseconds(50)) {
                let log = InMemoryLog()
                return InteractionLogContract.Subject(log: log) { FaultyFeed(log, group: $0, fault) }
            }
        }
    }

    @Test(arguments: FaultyHistory.Fault.allCases)
    func brokenHistoryIsFound(_ fault: FaultyHistory.Fault) async throws {
        await #expect(throws: ContractViolation.self) {
            try await InteractionStoreContract.verify { FaultyHistory(fault) }
        }
    }

    @Test(arguments: FaultyCatalog.Fault.allCases)
    func brokenCatalogueIsFound(_ fault: FaultyCatalog.Fault) async throws {
        await #expect(throws: ContractViolation.self) {
            try await ItemCatalogContract.verify { FaultyCatalog(fault) }
        }
    }

    @Test func impressionLogThatTakesDuplicatesIsFound() async throws {
        await #expect(throws: ContractViolation.self) {
            try await ImpressionLogContract.verify { RepeatingImpressionLog() }
        }
        await #expect(throws: ContractViolation.self) {
            try await ImpressionLogContract.verify { RepeatingImpressionLog(impressions: false) }
        }
    }

    @Test func modelStoreThatOverwritesIsFound() async throws {
        await #expect(throws: ContractViolation.self) {
            try await ModelStoreContract.verify { OverwritingModelStore() }
        }
    }
}

// MARK: - Implementations that break one promise each

final class FaultySessions: SessionStore {
    enum Fault: CaseIterable {
        case keepsArrivalOrder, lastDeliveryWins, answersWithEverybody, forgetsWeights, namesNobody
    }
    private let fault: Fault
    private let windows = Mutex<[UserID: [Interaction]]>([:])
    init(_ fault: Fault) { self.fault = fault }

    private func state(_ events: [Interaction]) -> SessionState {
        if fault == .keepsArrivalOrder { return SessionState(events.suffix(SessionState.capacity)) }
        return SessionState(events)
    }

    func record(_ interactions: [Interaction]) async throws(StorageError) -> [UserID: SessionState] {
        windows.withLock { windows in
            for var event in interactions where event.event != nil {
                if fault == .forgetsWeights {
                    event =
                        (try? Interaction(
                            event: event.event, user: event.user, item: event.item, kind: event.kind,
                            timestamp: event.timestamp)) ?? event
                }
                if fault == .lastDeliveryWins { windows[event.user]?.removeAll { $0.event == event.event } }
                windows[event.user, default: []].append(event)
            }
            let users = Set(interactions.map(\.user))
            return windows.filter { fault == .answersWithEverybody || users.contains($0.key) }.mapValues(state)
        }
    }

    func states(of users: [UserID]) async throws(StorageError) -> [UserID: SessionState] {
        windows.withLock { windows in
            var states: [UserID: SessionState] = [:]
            for user in users {
                if let events = windows[user] {
                    states[user] = state(events)
                } else if fault == .namesNobody {
                    states[user] = SessionState()
                }
            }
            return states
        }
    }
}

actor FaultyFeed: InteractionFeed {
    enum Fault: CaseIterable { case neverCommits, commitsOnReading, losesFirst, commitsTooFar, sharesGroups }
    private let fault: Fault
    private let feed: InMemoryFeed
    private var isFirst = true
    private let log: InMemoryLog
    private let group: String
    init(_ log: InMemoryLog, group: String, _ fault: Fault) {
        let group = fault == .sharesGroups ? "all" : group
        (self.fault, self.log, self.group) = (fault, log, group)
        feed = log.feed(group: group)
    }

    func nextBatch(atMost count: Int, within: Duration) async throws(StorageError) -> InteractionBatch? {
        guard var batch = try await feed.nextBatch(atMost: count, within: within) else { return nil }
        if fault == .commitsOnReading { try await feed.acknowledge(batch) }
        if fault == .losesFirst, isFirst {
            isFirst = false
            batch = InteractionBatch(interactions: batch.interactions.dropLast(), nextOffset: batch.nextOffset)
        }
        return batch
    }

    func acknowledge(_ batch: InteractionBatch) async throws(StorageError) {
        switch fault {
        case .neverCommits: return
        case .commitsTooFar:
            try await feed.acknowledge(
                InteractionBatch(interactions: batch.interactions, nextOffset: batch.nextOffset + 1))
        default: try await feed.acknowledge(batch)
        }
    }
}

final class FaultyHistory: InteractionStore {
    enum Fault: CaseIterable { case takesDuplicates, ignoresPrevious, loadsBeforeChecking, pagesOverlap, miscounts }
    private let fault: Fault
    private let store = InMemoryHistory()
    init(_ fault: Fault) { self.fault = fault }

    func append(_ interactions: [Interaction]) async throws(StorageError) -> Int {
        guard fault == .takesDuplicates else { return try await store.append(interactions) }
        var count = 0
        for event in interactions {
            guard
                let nameless = try? Interaction(
                    user: event.user, item: event.item, kind: event.kind, timestamp: event.timestamp,
                    weight: event.weight)
            else { continue }
            count += try await store.append([nameless])
        }
        return count
    }
    func load(
        _ interactions: [Interaction], from previous: SourcePosition?, to position: SourcePosition
    ) async throws(StorageError) {
        let place = fault == .ignoresPrevious ? try await store.position(of: position.source) : previous
        if fault == .loadsBeforeChecking {
            _ = try await store.append(interactions)
            return try await store.load([], from: place, to: position)
        }
        try await store.load(interactions, from: place, to: position)
    }
    func position(of source: String) async throws(StorageError) -> SourcePosition? {
        try await store.position(of: source)
    }
    func page(after offset: Int64, limit: Int) async throws(StorageError) -> HistoryPage {
        let page = try await store.page(after: offset, limit: limit)
        guard fault == .pagesOverlap, page.interactions.count > 1 else { return page }
        return HistoryPage(interactions: page.interactions, nextOffset: page.nextOffset - 1)
    }
    func count() async throws(StorageError) -> Int {
        try await store.count() + (fault == .miscounts ? 1 : 0)
    }
}

final class FaultyCatalog: ItemCatalog {
    enum Fault: CaseIterable {
        case firstWriteWins, merges, ordersAsText, losesHidden, removesNothing
        case forgetsRemovals, numbersItemsOnce, skipsAtPageEnds, ordersChangesByID, ignoresHiding
    }
    private let fault: Fault
    private let catalog = InMemoryCatalog()
    /// Ids in the order of their first write, and those whose last write was only to hide or show them.
    private let order = Mutex<[ItemID]>([])
    private let silent = Mutex<Set<ItemID>>([])
    init(_ fault: Fault) { self.fault = fault }

    func upsert(_ items: [CatalogItem]) async throws(StorageError) {
        for item in items {
            let old = try await catalog.items([item.id])[item.id]
            order.withLock { if !$0.contains(item.id) { $0.append(item.id) } }
            silent.withLock { silent in
                if let old, old.attributes == item.attributes { silent.insert(item.id) } else { silent.remove(item.id) }
            }
            switch fault {
            case .firstWriteWins: if old == nil { try await catalog.upsert([item]) }
            case .merges:
                let attributes = (old?.attributes ?? [:]).merging(item.attributes) { _, new in new }
                try await catalog.upsert([CatalogItem(id: item.id, attributes: attributes, isHidden: item.isHidden)])
            case .losesHidden: try await catalog.upsert([CatalogItem(id: item.id, attributes: item.attributes)])
            default: try await catalog.upsert([item])
            }
        }
    }
    func items(_ ids: [ItemID]) async throws(StorageError) -> [ItemID: CatalogItem] { try await catalog.items(ids) }
    func page(after id: ItemID?, limit: Int) async throws(StorageError) -> [CatalogItem] {
        guard fault == .ordersAsText else { return try await catalog.page(after: id, limit: limit) }
        let all = try await catalog.page(after: nil, limit: .max)
        let sorted = all.sorted { $0.id.rawValue.lowercased() < $1.id.rawValue.lowercased() }
        guard let id, let place = sorted.firstIndex(where: { $0.id == id }) else { return Array(sorted.prefix(limit)) }
        return Array(sorted[(place + 1)...].prefix(limit))
    }
    func remove(_ ids: [ItemID]) async throws(StorageError) {
        if fault != .removesNothing { try await catalog.remove(ids) }
    }
    func changes(after cursor: CatalogCursor, limit: Int) async throws(StorageError) -> CatalogChanges {
        let page = try await catalog.changes(after: cursor, limit: limit)
        func only(_ isTold: (CatalogChange) -> Bool) -> CatalogChanges {
            CatalogChanges(changes: page.changes.filter(isTold), cursor: page.cursor)
        }
        switch fault {
        case .forgetsRemovals: return only { $0.item != nil }
        case .ignoresHiding: return only { change in !silent.withLock { $0.contains(change.id) } }
        case .skipsAtPageEnds:
            return CatalogChanges(
                changes: page.changes.count == limit ? page.changes.dropLast() : page.changes, cursor: page.cursor)
        case .ordersChangesByID:
            return CatalogChanges(changes: page.changes.sorted { $0.id < $1.id }, cursor: page.cursor)
        case .numbersItemsOnce:
            let ids = order.withLock { Array($0.dropFirst(Int(cursor.revision)).prefix(limit)) }
            let held = try await catalog.items(ids)
            return CatalogChanges(
                changes: ids.map { id in held[id].map { CatalogChange($0) } ?? CatalogChange(removed: id) },
                cursor: CatalogCursor(revision: cursor.revision + Int64(ids.count)))
        default: return page
        }
    }
}

/// Keeps what is delivered twice twice; told to, outcomes only.
final class RepeatingImpressionLog: ImpressionLog {
    private let held = Mutex<[Impression]>([])
    private let known = Mutex<[Outcome]>([])
    private let repeatsImpressions: Bool
    init(impressions: Bool = true) { repeatsImpressions = impressions }

    func append(_ impressions: [Impression]) async throws(StorageError) {
        held.withLock { held in
            for impression in impressions
            where repeatsImpressions || !held.contains(where: { $0.recommendation == impression.recommendation }) {
                held.append(impression)
            }
        }
    }
    func append(outcomes: [Outcome]) async throws(StorageError) { known.withLock { $0 += outcomes } }
    func outcomes(of recommendations: [String]) async throws(StorageError) -> [String: [Outcome]] {
        known.withLock { known in
            Dictionary(grouping: known.filter { recommendations.contains($0.recommendation) }, by: \.recommendation)
        }
    }
    func page(
        after offset: Int64, limit: Int
    ) async throws(StorageError) -> (impressions: [Impression], nextOffset: Int64) {
        held.withLock { held in
            let page = Array(held.dropFirst(Int(offset)).prefix(limit))
            return (page, offset + Int64(page.count))
        }
    }
}

final class OverwritingModelStore: ModelStore {
    private let held = Mutex<[ModelSnapshot]>([])
    func publish(_ snapshot: ModelSnapshot) async throws(StorageError) {
        held.withLock { held in
            held.removeAll { $0.version == snapshot.version }
            held.append(snapshot)
        }
    }
    func versions() async throws(StorageError) -> [ModelSummary] {
        held.withLock { held in
            held.reversed().map {
                ModelSummary(version: $0.version, created: $0.created, isCurrent: $0.version == held.last?.version)
            }
        }
    }
    func current() async throws(StorageError) -> ModelVersion? { held.withLock { $0.last?.version } }
    func load(_ version: ModelVersion) async throws(StorageError) -> ModelSnapshot {
        guard let found = held.withLock({ $0.first { $0.version == version } }) else {
            throw StorageError(.notFound, operation: "models.load", reason: "no version")
        }
        return found
    }
    func activate(_ version: ModelVersion) async throws(StorageError) { _ = try await load(version) }
}
