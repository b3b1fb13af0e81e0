// The event generator: sends history to the event log, in its order.
import ArgumentParser
import Foundation
import RecCore
import RecFiles
import RecStores
import Synchronization

@main
struct Replay: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rec-replay", abstract: "Send history to the event log, in the order it was stored.",
        discussion: """
            As fast as possible, or at a multiple of history's own speed. A run that was stopped goes on where it stopped; events
            that are sent twice change no window. Stream processors (rec-process) may run meanwhile or later.
            """, version: PlatformVersion.text)

    @OptionGroup var stores: StoreOptions
    @Option(help: "Seconds of history in one second: 86400 = a day a second. By default as fast as possible.")
    var speed: Double?
    @Option(help: "Wait while the processors are more than so many events behind; by default they are not waited for.")
    var maxLag: Int64?
    @Option(help: "Begin behind this row of history; by default where the last run stopped.") var from: Int64?
    @Option(help: "Rows read and sent at a time.") var page = 50_000

    func validate() throws {
        guard speed.map({ $0.isFinite && $0 > 0 }) ?? true else { throw ValidationError("--speed must be above 0") }
        guard maxLag.map({ $0 >= 0 }) ?? true else { throw ValidationError("--max-lag must not be negative") }
        guard from.map({ $0 >= 0 }) ?? true else { throw ValidationError("--from must not be negative") }
        guard (1...1_000_000).contains(page) else { throw ValidationError("--page must be in 1...1000000") }
    }

    func run() async throws {
        signal(SIGPIPE, SIG_IGN)
        let open = try await stores.open(.bulk)
        let place = ReplayPlace(
            folder: stores.data, configuration: open.configuration, history: try await open.historyIdentity())
        let start = try from ?? place.read()
        let total = Int64(try await open.history.count())
        let lag = maxLag == nil ? nil : open.lag()
        if maxLag != nil, lag == nil {
            throw CannotGoOn("--max-lag needs a log that tells it: set REC_KAFKA_BROKERS")
        }
        if start > 0 { say("going on behind row \(start) of history; --from 0 sends everything again") }
        let pipeline = ReplayPipeline(
            history: open.history, log: open.log,
            options: .init(speed: speed, pageSize: page, maximumLag: maxLag ?? 0),
            lag: lag, failed: FailureTalk().tell)
        let reporter = ProgressReporter(label: "replay", unit: "events")
        let kept = Mutex(ContinuousClock.now)
        try await untilStopped(patience: .seconds(40)) {
            let progress = try await pipeline.run(from: start, clock: ContinuousClock()) { progress in
                reporter.update(
                    Int64(progress.events), fraction: Double(progress.nextOffset) / Double(max(1, total)))
                // A place that lags behind the log costs repetitions and nothing else.
                let isDue = kept.withLock { last in
                    guard ContinuousClock.now - last > .seconds(1) else { return false }
                    last = .now
                    return true
                }
                if isDue { try? place.write(progress.nextOffset) }
            }
            try place.write(progress.nextOffset)
            reporter.finish(Int64(progress.events))
            print(
                "\(progress.events) events sent, \(progress.retries) calls repeated, "
                    + (progress.isComplete
                        ? "history is sent to its end" : "stopped behind row \(progress.nextOffset)"))
            await open.close()
        }
    }

    private func say(_ text: String) { try? FileHandle.standardError.write(contentsOf: Data("\(text)\n".utf8)) }
}
