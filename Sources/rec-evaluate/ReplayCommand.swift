// Makes the slates of a log again and compares them.
import ArgumentParser
import Foundation
import RecCore
import RecFiles
import RecStores

struct Replay: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract:
            "Make every logged slate again from its policy, seed and candidates, and compare them to the last bit.")

    @OptionGroup var stores: StoreOptions

    func run() async throws {
        signal(SIGPIPE, SIG_IGN)
        let store = try await stores.open(.bulk)
        let progress = ProgressReporter(label: "replay", unit: "slates")
        let report = try await SlateReplay(impressions: store.impressions, models: store.models).check {
            progress.update(Int64($0), fraction: nil)
        }
        progress.finish(Int64(report.equal + report.differences + report.withoutCandidates))
        print(
            "\(report.equal) slates equal, \(report.differences) different, \(report.withoutCandidates) of policies that leave nothing to chance"
        )
        for (recommendation, reason) in report.different { print("\(recommendation): \(reason)") }
        if report.differences > 0 { throw ExitCode.failure }
    }
}
