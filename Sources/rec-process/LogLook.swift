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

    /// Each second what was put aside, each five how far the group is behind, which a person is told every other time; until it is
    /// cancelled.
    func run() async {
        for second in 0... {
            metrics.putAside(await feed.deadLetters())
            if second.isMultiple(of: 5) { await tellLag(aloud: second.isMultiple(of: 10)) }
            guard (try? await Task.sleep(for: .seconds(1))) != nil else { return }
        }
    }

    private func tellLag(aloud: Bool) async {
        guard let lag else { return }
        do throws(StorageError) {
            let events = try await lag()
            metrics.behind(events)
            guard aloud else { return }
            FileHandle.standardError.write(Data("process: \(events) events wait in the log\n".utf8))
        } catch {
            metrics.behind(nil)
            failed(error)
        }
    }
}
