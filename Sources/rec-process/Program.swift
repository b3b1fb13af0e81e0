// The stream processor: takes events from the log into the windows, and into the history.
import ArgumentParser
import Foundation
import RecCore
import RecFiles
import RecServe
import RecStores

@main
struct StreamProcessor: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rec-process",
        abstract: "Take events from the log into each user's window of the last 10, and into history.",
        discussion: """
            Runs until it is told to stop (SIGTERM), finishes the batch in hand and leaves its group. Several may run: they share
            the log's partitions. An event is acknowledged after its effect; one that comes again changes nothing. A store that
            is away or full is waited for; what is not an event goes to the dead letters. /metrics of --admin-port tells what it
            took and how far the group is behind.
            """, version: PlatformVersion.text)

    @OptionGroup var stores: StoreOptions
    @OptionGroup var figures: FiguresOptions
    @Option(help: "Events of a batch.") var batch = 2000
    @Option(help: "End when no event came for so many seconds.") var idle: Double?
    @Flag(inversion: .prefixedNo, help: "Whether events that are not of history yet are added to it.") var history =
        true
    @Flag(help: "Fill the windows from history and end.") var rebuild = false

    func validate() throws {
        guard (1...100_000).contains(batch) else { throw ValidationError("--batch must be in 1...100000") }
        guard idle.map({ $0 > 0 && $0 < 1e6 }) ?? true else { throw ValidationError("--idle must be above 0") }
        guard !rebuild || figures.adminPort == nil else { throw ValidationError("--rebuild opens no --admin-port") }
    }

    func run() async throws {
        signal(SIGPIPE, SIG_IGN)
        let metrics = StreamMetrics()
        let (listening, told) = AsyncStream.makeStream(of: Void.self)
        let port = try figures.server(metrics, whenListening: { told.yield() })
        let open = try await stores.open(.bulk, creating: true)
        if rebuild { return try await rebuildWindows(open) }
        let processing = Processing(batch: batch, idle: idle, addsToHistory: history)
        try await untilStopped(beside: port.map { [$0] } ?? []) {
            // A port that is taken ends the program before it joins the group.
            if port != nil { for await _ in listening { break } }
            if !Task.isCancelled { try await processing.run(open, metrics) }
            await open.close()
        }
    }

    private func rebuildWindows(_ open: Stores) async throws {
        let reporter = ProgressReporter(label: "rebuild", unit: "rows")
        let total = try await open.history.count()
        try await untilStopped {
            let rows = try await open.rebuildWindows { done in
                reporter.update(done, fraction: Double(done) / Double(max(1, total)))
            }
            reporter.finish(rows)
            guard !Task.isCancelled else {
                throw CannotGoOn("stopped after \(rows) of \(total) rows; start it again, it may be repeated")
            }
            print("\(rows) rows of history are in the windows")
        }
    }
}
