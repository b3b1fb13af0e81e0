// What the shop knows of its readers, in a journal.
import RecCore

/// `UserDirectory` on a file of JSON lines.
public actor ReaderList: UserDirectory {
    private let queue = FileQueue()
    public nonisolated var unownedExecutor: UnownedSerialExecutor { queue.asUnownedSerialExecutor() }
    private var journal: Journal<[EntryLine]>
    private var readers: [UserID: UserProfile]

    /// Reads the file once.
    public init(path: String) throws(StorageError) {
        var readers: [UserID: UserProfile] = [:]
        journal = try Journal(path) { Self.apply($0, to: &readers) }
        self.readers = readers
    }

    private static func apply(_ line: [EntryLine], to readers: inout [UserID: UserProfile]) {
        for entry in line {
            let id = UserID(entry.id)
            readers[id] = entry.attributes.map { UserProfile(id: id, attributes: $0) }
        }
    }

    private func write(_ line: [EntryLine]) throws(StorageError) {
        guard !line.isEmpty else { return }
        try journal.append(line)
        Self.apply(line, to: &readers)
    }

    public func upsert(_ profiles: [UserProfile]) async throws(StorageError) {
        try write(profiles.map { EntryLine(id: $0.id.rawValue, attributes: $0.attributes) })
    }

    public func remove(_ users: [UserID]) async throws(StorageError) {
        try write(users.filter { readers[$0] != nil }.map { EntryLine(id: $0.rawValue) })
    }

    public func profiles(of users: [UserID]) async throws(StorageError) -> [UserID: UserProfile] {
        readers.filter { [users = Set(users)] in users.contains($0.key) }
    }

    public func page(after id: UserID?, limit: Int) async throws(StorageError) -> [UserProfile] {
        let sorted = readers.values.sorted { $0.id < $1.id }
        return Array(sorted.drop { reader in id.map { reader.id <= $0 } ?? false }.prefix(max(0, limit)))
    }
}
