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
        let port = try figures.server(metrics)
        let open = try await stores.open(.bulk, creating: true)
        if rebuild { return try await rebuildWindows(open) }
        let feed = try open.feed()
        let talk = FailureTalk()
        let failed: @Sendable (StorageError) -> Void = { error in
            talk.tell(error)
            metrics.failed(error)
        }
        let pipeline = StreamPipeline(
            feed: feed.events, sessions: open.sessions, history: history ? open.history : nil,
            impressions: history ? open.impressions : nil,
            options: .init(batchSize: batch, patience: idle.map { .seconds($0) } ?? .milliseconds(500)),
            failed: failed)
        let reporter = ProgressReporter(label: "process", unit: "events")
        let end: StreamPipeline.End = idle == nil ? .whenCancelled : .whenIdle
        try await untilStopped(beside: port.map { [$0] } ?? []) {
            let look = Task { await LogLook(feed: feed, lag: open.lag(), metrics: metrics, failed: failed).run() }
            defer { look.cancel() }
            do {
                let report = try await pipeline.run(until: end, clock: ContinuousClock()) { report in
                    reporter.update(Int64(report.events), fraction: nil)
                    metrics.done(report)
                }
                reporter.finish(Int64(report.events))
                let dead = await feed.deadLetters()
                print(
                    "\(report.events) events in \(report.batches) batches, \(report.added) new to history, "
                        + "\(dead) dead letters, \(report.retries) calls repeated")
            } catch {
                await feed.close()
                throw error
            }
            await feed.close()
        }
        await open.close()
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
