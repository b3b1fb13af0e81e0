// Forgetting one person in every store of a program, and saying where something is left.
import RecCore
import RecEmbedded

/// What was removed of a person, and what could not be.
public struct Erasure: Sendable {
    /// Name of a store's part, and how many rows or windows went.
    public let removed: [(part: String, count: Int)]
    /// Where something may be left, and until when.
    public let remains: [String]
}

extension Stores {
    /// Removes what the stores hold of a user: events of the embedded log, history, window, impressions with what became of them, and
    /// attributes. The data folder is looked through even where servers are named: it may hold what came before them.
    ///
    /// Each store forgets in a transaction of its own: a call that failed is simply made again. Nothing new may come of the user meanwhile,
    /// and no processor be behind: an event that is still in the log brings window and history back.
    public func erase(_ user: UserID) async throws(StorageError) -> Erasure {
        var counts: [String: Int] = [:]
        for (part, store) in personal { counts[part, default: 0] += try await store.erase(user) }
        for directory in directories {
            counts["attributes", default: 0] += try await directory.profiles(of: [user]).count
            try await directory.remove([user])
        }
        let removed = ["event log", "history", "windows", "impressions and outcomes", "attributes"].map {
            (part: $0, count: counts[$0] ?? 0)
        }
        return Erasure(removed: removed, remains: try await remains())
    }

    /// Everything that is not a model is asked for first: the stores of these programs, and those of before.
    static func personal(
        _ embedded: EmbeddedStore, _ others: [(part: String, store: any PersonalDataStore)]
    ) -> [(part: String, store: any PersonalDataStore)] {
        // The log first: what is taken out of it meanwhile must not come behind the erasing of history.
        [
            ("event log", embedded.log), ("history", embedded.history), ("windows", embedded.sessions),
            ("impressions and outcomes", embedded.impressions),
        ] + others
    }

    private func remains() async throws(StorageError) -> [String] {
        var remains: [String] = []
        if await !embedded.emptyJournal() {
            remains.append("the write-ahead log of the data folder's store.sqlite, which is in use: run this again")
        }
        let versions = try await models.versions().map(\.version.rawValue)
        if !versions.isEmpty {
            remains.append(
                "models \(versions.joined(separator: ", ")): until three more trainings, and in running servers until they take up another"
            )
        }
        if let kafka = configuration.kafka {
            remains.append("the topic \(kafka.topic) and its dead letters: until Kafka's retention")
        }
        return remains + [
            "windows of visits without a name: erase the user session:ID",
            "backups, files that were loaded or written, logs of servers: the operator's",
        ]
    }
}
