// The listings of the article Writing a storage adapter, word for word.
import Foundation
import RecCore
import RecEmbedded
import RecTesting

// Listing begins: one port on one file
/// The windows of a small shop in one JSON file.
actor WindowFile: SessionStore {
    private let queue = FileQueue()
    nonisolated var unownedExecutor: UnownedSerialExecutor { queue.asUnownedSerialExecutor() }

    private let file: URL
    private var windows: [UserID: SessionState] = [:]

    /// - Throws: `.corrupt` when the file is there and holds something else.
    init(_ file: URL) throws(StorageError) {
        self.file = file
        guard FileManager.default.fileExists(atPath: file.path) else { return }
        do {
            for row in try JSONDecoder().decode([WindowRow].self, from: Data(contentsOf: file)) {
                let event = try row.interaction()
                windows[event.user, default: SessionState()].insert(event)
            }
        } catch {
            throw StorageError(.corrupt, operation: "sessions.open", reason: "\(file.path) holds no windows")
        }
    }

    func record(_ interactions: [Interaction]) async throws(StorageError) -> [UserID: SessionState] {
        var changed: [UserID: SessionState] = [:]
        for event in interactions {
            var window = changed[event.user] ?? windows[event.user] ?? SessionState()
            window.insert(event)
            changed[event.user] = window
        }
        let all = windows.merging(changed) { _, new in new }
        try write(all)
        windows = all
        return changed
    }

    func states(of users: [UserID]) async throws(StorageError) -> [UserID: SessionState] {
        var found: [UserID: SessionState] = [:]
        for user in users {
            if let window = windows[user], !window.interactions.isEmpty { found[user] = window }
        }
        return found
    }

    private func write(_ windows: [UserID: SessionState]) throws(StorageError) {
        do {
            let rows = windows.values.flatMap(\.interactions).compactMap(WindowRow.init)
            try JSONEncoder().encode(rows).write(to: file, options: .atomic)
        } catch {
            throw StorageError(.unavailable, operation: "sessions.record", reason: "cannot write \(file.path)")
        }
    }
}
// Listing ends

// Listing begins: what the file holds
/// One event of a window as the file holds it.
private struct WindowRow: Codable {
    let user, event, item, kind: String
    let milliseconds: Int64
    let weight: Float

    /// `nil` for an interaction without an event id: no window holds one.
    init?(_ interaction: Interaction) {
        guard let event = interaction.event else { return nil }
        (user, self.event, item) = (interaction.user.rawValue, event.rawValue, interaction.item.rawValue)
        (kind, weight) = (interaction.kind.rawValue, interaction.weight)
        milliseconds = interaction.timestamp.milliseconds
    }

    func interaction() throws(InvalidInteraction) -> Interaction {
        guard let kind = InteractionKind(kind) else { throw InvalidInteraction(field: "kind", reason: "is none") }
        return try Interaction(
            event: EventID(event), user: UserID(user), item: ItemID(item), kind: kind,
            timestamp: Timestamp(milliseconds: milliseconds), weight: weight)
    }
}
// Listing ends

// Listing begins: a thread that may block
/// Runs the store's work on a dispatch queue, whose threads may wait for a disk.
private final class FileQueue: SerialExecutor {
    private let queue = DispatchQueue(label: "window file")

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        queue.async { job.runSynchronously(on: self.asUnownedSerialExecutor()) }
    }
}
// Listing ends

func windowFileKeepsItsPromises(folder: URL) async throws {
    // Listing begins: the proof
    try await SessionStoreContract.verify {
        try WindowFile(folder.appendingPathComponent(UUID().uuidString))
    }
    // Listing ends
}

// Listing begins: a store that breaks a promise
/// Answers for everybody, also for those of whom it knows nothing.
struct TalkativeWindows: SessionStore {
    let base = InMemorySessionStore()

    func record(_ interactions: [Interaction]) async throws(StorageError) -> [UserID: SessionState] {
        try await base.record(interactions)
    }

    func states(of users: [UserID]) async throws(StorageError) -> [UserID: SessionState] {
        var states = try await base.states(of: users)
        for user in users where states[user] == nil { states[user] = SessionState() }
        return states
    }
}
// Listing ends

func brokenPromise() async throws -> ContractViolation? {
    // Listing begins: what the contract says of it
    do {
        try await SessionStoreContract.verify { TalkativeWindows() }
    } catch let violation as ContractViolation {
        print(violation)
        return violation
    }
    // Listing ends
    return nil
}

func engineOnTwoStores(_ store: EmbeddedStore, windows: URL) throws -> RecommendationEngine {
    // Listing begins: the engine on it
    let engine = RecommendationEngine(
        sessions: try WindowFile(windows), log: store.log, impressions: store.impressions, catalog: store.catalog,
        users: store.users, models: store.models)
    // Listing ends
    return engine
}

// Listing begins: both ends of a log
func verifyLog() async throws {
    try await InteractionLogContract.verify(patience: .seconds(2)) {
        let log = InMemoryLog()
        return InteractionLogContract.Subject(log: log) { group in log.feed(group: group) }
    }
}
// Listing ends
