// The ports that hold data at rest: history, catalogue, customers, models.

/// How far a bulk source was loaded. It is stored in the same transaction as the rows it covers.
public struct SourcePosition: Sendable, Hashable {
    /// The source's name, for example the file name.
    public let source: String
    /// Tells this content of the source from another under the same name (size and hash of head and tail).
    public let fingerprint: String
    /// Records read so far, loaded and rejected.
    public let records: Int64
    /// Records refused so far.
    public let rejected: Int64
    /// - Parameters:
    ///   - source: name, such as a file's.
    ///   - fingerprint: of its content.
    ///   - records: read so far, loaded and rejected.
    ///   - rejected: refused so far.
    public init(source: String, fingerprint: String, records: Int64, rejected: Int64) {
        (self.source, self.fingerprint, self.records, self.rejected) = (source, fingerprint, records, rejected)
    }
}

/// A page of history and the place behind it.
public struct HistoryPage: Sendable {
    /// In the order they were stored; empty = the end.
    public let interactions: [Interaction]
    /// Where the next page begins.
    public let nextOffset: Int64
    /// - Parameters:
    ///   - interactions: in the order they were stored.
    ///   - nextOffset: behind the last of them.
    public init(interactions: [Interaction], nextOffset: Int64) {
        (self.interactions, self.nextOffset) = (interactions, nextOffset)
    }
}

/// All interactions ever, for training and evaluation.
public protocol InteractionStore: Sendable {
    /// Adds events; those with an event id that is already held of the same user change nothing. Returns how many were new.
    func append(_ interactions: [Interaction]) async throws(StorageError) -> Int
    /// Adds a chunk of a bulk source and its new position in one transaction.
    /// - Parameters:
    ///   - interactions: rows of the chunk.
    ///   - previous: the position the caller goes on from (`nil` = the source's start). A store that is elsewhere
    ///     throws `.conflict` and changes nothing.
    ///   - position: the source's position behind it, refused rows counted.
    func load(_ interactions: [Interaction], from previous: SourcePosition?, to position: SourcePosition)
        async throws(StorageError)
    /// Where a source stands; `nil` when it was never loaded.
    func position(of source: String) async throws(StorageError) -> SourcePosition?
    /// Interactions in the order they were stored, behind `offset` (0 = from the start), at most `limit`; an empty page = the end.
    func page(after offset: Int64, limit: Int) async throws(StorageError) -> HistoryPage
    /// Reads every interaction once, in the order they were stored, with names as numbers. By default through pages; a store
    /// that keeps numbers itself has a faster one.
    func numberedReader() -> any NumberedHistoryReader
    /// How many interactions are held.
    func count() async throws(StorageError) -> Int
}

/// One item with what the shop says of it. Column names are the shop's own.
public struct CatalogItem: Sendable, Hashable {
    /// The item's name in the shop, which events and models use too.
    public let id: ItemID
    /// Column name to text; empty values are left out.
    public let attributes: [String: String]
    /// Hidden items are never recommended.
    public let isHidden: Bool
    /// Attributes whose value is empty are left out.
    public init(id: ItemID, attributes: [String: String], isHidden: Bool = false) {
        (self.id, self.isHidden) = (id, isHidden)
        self.attributes = attributes.filter { !$0.value.isEmpty }
    }
}

/// The catalogue.
public protocol ItemCatalog: Sendable {
    /// Adds or replaces items by id; within a batch the last one wins.
    func upsert(_ items: [CatalogItem]) async throws(StorageError)
    /// The items of these names; a name that the catalogue does not know is absent from the answer.
    func items(_ ids: [ItemID]) async throws(StorageError) -> [ItemID: CatalogItem]
    /// Items in order of id (UTF-8 bytes), behind `id`, at most `limit`; an empty page = the end.
    func page(after id: ItemID?, limit: Int) async throws(StorageError) -> [CatalogItem]
    /// Removes items; unknown ids change nothing.
    func remove(_ ids: [ItemID]) async throws(StorageError)
    /// What became of the items that were added, changed, hidden, shown again or removed behind `cursor`, the oldest change
    /// first, at most `limit` (above 0); an empty page = nothing more, with the same cursor.
    ///
    /// An item is named where its last change stands, in its present state, once in all pages unless it changes while they
    /// are read. A write that returned before the call is among them. Whoever asks often when nothing changed costs one
    /// look into an index.
    func changes(after cursor: CatalogCursor, limit: Int) async throws(StorageError) -> CatalogChanges
}

/// One customer with what the shop knows of them (age, club status, language). Column names are the shop's own.
public struct UserProfile: Sendable, Hashable {
    /// The customer's name in the shop, which events and models use too.
    public let id: UserID
    /// Column name to text; empty values are left out.
    public let attributes: [String: String]
    /// Attributes whose value is empty are left out.
    public init(id: UserID, attributes: [String: String]) {
        self.id = id
        self.attributes = attributes.filter { !$0.value.isEmpty }
    }
}

/// The customers and their attributes. A user may have events and no profile, and the other way round.
public protocol UserDirectory: Sendable {
    /// Adds or replaces profiles by id; within a batch the last one wins.
    func upsert(_ profiles: [UserProfile]) async throws(StorageError)
    /// The profiles of these users; a user without one is absent from the answer.
    func profiles(of users: [UserID]) async throws(StorageError) -> [UserID: UserProfile]
    /// Profiles in order of id (UTF-8 bytes), behind `id`, at most `limit`; an empty page = the end.
    func page(after id: UserID?, limit: Int) async throws(StorageError) -> [UserProfile]
    /// Removes profiles; unknown ids change nothing.
    func remove(_ users: [UserID]) async throws(StorageError)
}

/// Published models. A version is whole or not there, and never changes.
public protocol ModelStore: Sendable {
    /// Stores a snapshot under its version and makes it current. `.conflict` when the version exists.
    func publish(_ snapshot: ModelSnapshot) async throws(StorageError)
    /// Versions, newest first.
    func versions() async throws(StorageError) -> [ModelSummary]
    /// Name of the current version; `nil` when nothing was published.
    func current() async throws(StorageError) -> ModelVersion?
    /// Verifies and loads a version: `.notFound`, or `.corrupt` with the file that is wrong.
    func load(_ version: ModelVersion) async throws(StorageError) -> ModelSnapshot
    /// Makes an existing version current (also to roll back).
    func activate(_ version: ModelVersion) async throws(StorageError)
}
