// Loads files into the store of a data folder.
import ArgumentParser
import Foundation
import RecCore
import RecFiles
import RecStores

@main
struct Ingest: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rec-ingest",
        abstract: "Load interactions and items from CSV files, plain or gzip.",
        discussion: """
            H&M files are known by their headers. Other files have the columns user_id, item_id, timestamp, event, weight,
            of which the first two are needed, or those named below. A run that was stopped goes on where it stopped.
            A running server recommends new items within a second, without another training.
            """, version: PlatformVersion.text)

    @Argument(help: "Files, or folders to look for files in; may be left out with --items or --users.")
    var paths: [String] = []
    @OptionGroup var stores: StoreOptions
    @Option(help: "Column of the user.") var user: String?
    @Option(help: "Column of the item.") var item: String?
    @Option(
        help:
            "Column of the time: a day, an ISO date and time, Unix seconds or milliseconds; must be filled when named.")
    var time: String?
    @Option(help: "Column of what was done.") var event: String?
    @Option(help: "Column of the weight: kept, must be above 0 when named; the model counts events.") var weight:
        String?
    @Option(help: "Columns that describe the item, separated by commas.") var itemAttributes: String?
    @Option(help: "File that describes the items.") var items: String?
    @Option(help: "File that describes the users.") var users: String?
    @Option(help: "What was done, where no column tells.") var kind = "purchase"
    @Option(help: "comma, tab or semicolon.") var separator = "comma"
    @Option(help: "List of refused rows; by default rejects.csv in the data folder.") var rejects: String?
    @Flag(help: "Drop rows whose days a narrower file covers (by default for files found in a folder).")
    var dropOverlap = false
    @Flag(help: "Keep rows whose days a narrower file covers.") var keepOverlap = false

    @Flag(help: "Make the tables of PostgreSQL, or bring them up to date, and end.") var migrate = false

    func validate() throws {
        guard !paths.isEmpty || items != nil || users != nil || migrate else {
            throw ValidationError("name at least one file or folder to load, or --items or --users")
        }
        guard !migrate || (paths.isEmpty && items == nil && users == nil) else {
            throw ValidationError("--migrate loads nothing: leave out the files, or run rec-ingest again for them")
        }
        guard InteractionKind(kind) != nil else {
            throw ValidationError("--kind must be at most 32 letters a to z, digits, _ and -")
        }
        guard CSVSeparator(separator) != nil else {
            throw ValidationError("--separator must be comma, tab or semicolon")
        }
        guard !(dropOverlap && keepOverlap) else {
            throw ValidationError("--drop-overlap and --keep-overlap exclude each other")
        }
    }

    func run() async throws {
        signal(SIGPIPE, SIG_IGN)
        var options = IngestOptions(
            paths: paths, user: user, item: item, time: time, event: event, weight: weight,
            kind: InteractionKind(kind) ?? .purchase,
            itemAttributes: itemAttributes?.split(separator: ",").map(String.init) ?? [], itemsFile: items,
            usersFile: users,
            separator: CSVSeparator(separator) ?? .comma)
        if dropOverlap { options.overlap = .drop }
        if keepOverlap { options.overlap = .keep }
        let store = try await stores.open(.bulk, creating: true)
        if migrate { return print("the tables are up to date") }
        options.rejects = rejects ?? "\(stores.data)/rejects.csv"
        let report = try await IngestPipeline(
            options, history: store.history, catalog: store.catalog, users: store.users,
            progress: ProgressReporter(label: "ingest", unit: "rows"),
            refused: { source, rows in
                try await store.noteRefused(rows.map { (line: $0.line, reason: $0.reason) }, of: source)
            }
        ).run()
        try await store.finishLoading()
        print(report.text)
        if report.rejected > 0, let list = options.rejects { print("refused rows: \(list)") }
    }
}
