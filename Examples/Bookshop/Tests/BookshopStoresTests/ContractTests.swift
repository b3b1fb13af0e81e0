// The shop's stores keep what the engine's ports promise: RecTesting's contracts, the same that the platform's own stores pass.
import BookshopStores
import RecCore
import RecTesting
import Testing

@Suite struct ContractTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    /// A new path for each promise of a contract.
    private func path() -> String { folder.newPath() }

    @Test func salesAreHistory() async throws {
        try await InteractionStoreContract.verify { try SalesLedger(path: path()) }
    }

    @Test func booksAreACatalogue() async throws {
        try await ItemCatalogContract.verify { try BookList(path: path()) }
    }

    @Test func readersAreADirectory() async throws {
        try await UserDirectoryContract.verify { try ReaderList(path: path()) }
    }

    @Test func windowsAreSessions() async throws {
        try await SessionStoreContract.verify { ReaderWindows() }
    }

    @Test func shownListsAreImpressions() async throws {
        try await ImpressionLogContract.verify { ShownLists() }
    }

    @Test func theModelFolderIsAStoreOfModels() async throws {
        try await ModelStoreContract.verify { try ModelFolder(path: path()) }
    }
}
