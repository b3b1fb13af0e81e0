// The pipeline with what is said of it.
import RecCore
import RecFiles
import RecServe
import RecStores

struct Processing: Sendable {
    let batch: Int
    /// Seconds without an event after which it ends; `nil` = never.
    let idle: Double?
    let addsToHistory: Bool

    /// Takes events until it is idle or cancelled, and leaves the group.
    func run(_ open: Stores, _ metrics: StreamMetrics) async throws {
        let feed = try open.feed()
        let talk = FailureTalk()
        let failed: @Sendable (StorageError) -> Void = { error in
            talk.tell(error)
            metrics.failed(error)
        }
        let look = Task { await LogLook(feed: feed, lag: open.lag(), metrics: metrics, failed: failed).run() }
        let pipeline = StreamPipeline(
            feed: feed.events, sessions: open.sessions, history: addsToHistory ? open.history : nil,
            impressions: addsToHistory ? open.impressions : nil,
            options: .init(batchSize: batch, patience: idle.map { .seconds($0) } ?? .milliseconds(500)),
            failed: failed)
        let reporter = ProgressReporter(label: "process", unit: "events")
        func leave() async {
            look.cancel()
            await look.value
            await feed.close()
        }
        do {
            let report = try await pipeline.run(
                until: idle == nil ? .whenCancelled : .whenIdle, clock: ContinuousClock()
            ) { report in
                reporter.update(Int64(report.events), fraction: nil)
                metrics.done(report)
            }
            reporter.finish(Int64(report.events))
            let dead = await feed.deadLetters()
            print(
                "\(report.events) events in \(report.batches) batches, \(report.added) new to history, "
                    + "\(dead) dead letters, \(report.retries) calls repeated")
        } catch {
            await leave()
            throw error
        }
        await leave()
    }
}
