// The bulk load next to pandas reading in chunks and writing SQLite.
import ArgumentParser
import Foundation

struct IngestCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ingest", abstract: "Rows a second from CSV into the embedded store.",
        discussion: """
            Ours checks every row, numbers the names, and stores rows with a checkpoint a chunk; pandas reads in chunks of 500,000 with \
            parsed dates and appends to a SQLite table, without checks or checkpoints.
            """)
    @OptionGroup var common: CommonOptions
    @Option(help: "Transactions at 100 percent.") var transactions = 2_000_000
    @Option(help: "Folder of the release programs.") var programs = ".build/release"

    func run() throws {
        let folder = try WorkFolder()
        let count = common.scaled(transactions, least: 1000)
        try start(
            "rec-synthesize",
            [
                "--out", folder.path + "/shop", "--transactions", "\(count)", "--customers",
                "\(max(10, count / 28))", "--articles", "\(max(100, count / 370))",
            ])
        let file = folder.path + "/shop/transactions_train.csv"
        let peer = Peer("pandas_ingest", common, threads: 1)
        let size = common.percent == 100 ? "" : "@\(common.percent)%"
        var figure = Figure(
            name: "ingest.rows\(size)", unit: "rows/s", peerName: "pandas chunks into SQLite", isRate: true,
            note: "\(count) rows")
        for round in 0..<common.rounds {
            let data = folder.path + "/data\(round)"
            let time = try seconds { try start("rec-ingest", [file, "--data", data]) }
            figure.ours.append(Double(count) / time)
            try? FileManager.default.removeItem(atPath: data)
            figure.peer += peer?.numbers("ingest \(file) \(folder.path)/pandas\(round).sqlite", "rows_per_second") ?? []
        }
        figure.print()
    }

    private func start(_ program: String, _ arguments: [String]) throws {
        let path = "\(programs)/\(program)"
        guard FileManager.default.isExecutableFile(atPath: path) else {
            throw ValidationError("\(path) cannot be started: swift build -c release makes it")
        }
        try runProgram(path, arguments, showingErrors: false)
    }
}
