// Measures the kernels next to the peers that a user would take instead, on the same data in one run.
import ArgumentParser

@main
struct Bench: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rec-bench",
        abstract: "Measure the kernels next to their peers, alternating in one run.",
        discussion: """
            Each figure is one line of JSON on the standard output: name, ours, peer, ratio (above 1 = ours is better), unit, runs,
            and the spread of each. Talk goes to the error output. Peers are Python programs in Benchmarks/Peers; `make \
            bench-peers` installs what they need. Without them our own figures are measured alone.
            """,
        subcommands: [
            ALSCommand.self, SearchCommand.self, FoldInCommand.self, IngestCommand.self, HardwareCommand.self,
            StorageCommand.self, ApiCommand.self, PolicyCommand.self, SimulateCommand.self, CoverageCommand.self,
            ReportCommand.self,
        ])
}

/// What every subcommand takes.
struct CommonOptions: ParsableArguments {
    @Option(help: "Python of the peers.") var python = "Benchmarks/.venv/bin/python"
    @Option(help: "Folder of the peers' programs.") var peers = "Benchmarks/Peers"
    @Option(help: "Rounds; each measures ours and then every peer.") var rounds = 3
    @Option(help: "Share of the full size, in percent.") var percent = 100.0

    func validate() throws {
        guard rounds > 0, percent > 0, percent <= 100 else {
            throw ValidationError("--rounds must be above 0 and --percent above 0 and at most 100")
        }
    }

    func scaled(_ count: Int, least: Int = 1) -> Int { max(least, Int(Double(count) * percent / 100)) }
}
