// How the log stands, for the figures and for the person at the terminal.
import Foundation
import RecCore
import RecServe
import RecStores

struct LogLook {
    let feed: EventFeed
    /// Events that the group has not acknowledged; `nil` = this log does not tell.
    let lag: (@Sendable () async throws(StorageError) -> Int64)?
    let metrics: StreamMetrics
    /// Told when the log cannot be asked.
    let failed: @Sendable (StorageError) -> Void

    /// Tells dead letters each second and the lag each five, every other one aloud. Ends when cancelled.
    func run() async {
        async let lags: Void = tellLags()
        while true {
            metrics.putAside(await feed.deadLetters())
            guard (try? await Task.sleep(for: .seconds(1))) != nil else { break }
        }
        await lags
    }

    private func tellLags() async {
        guard let lag else { return }
        var isAloud = true
        repeat {
            do throws(StorageError) {
                let events = try await lag()
                metrics.behind(events)
                let text = "process: \(events) events wait in the log\n"
                if isAloud { try? FileHandle.standardError.write(contentsOf: Data(text.utf8)) }
            } catch {
                // What the end of the run cuts off is no failure.
                guard !Task.isCancelled else { return }
                metrics.behind(nil)
                failed(error)
            }
            isAloud.toggle()
        } while (try? await Task.sleep(for: .seconds(5))) != nil
    }
}
