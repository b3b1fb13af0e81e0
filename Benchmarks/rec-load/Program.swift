// Sends requests to a server at a fixed rate and tells how long the answers took.
import ArgumentParser
import Foundation
import NIOCore
import NIOPosix

@main
struct Load: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rec-load", abstract: "Send requests at a fixed rate, and measure the answers.",
        discussion: """
            An open loop: requests are sent when they are due, whether earlier ones are answered or not, and times count from the moment \
            a request was due. One line of JSON on the standard output: counts by status, quantiles in milliseconds.
            """)

    @Option(help: "Where the server listens.") var url = "http://127.0.0.1:8080"
    @Option(help: "Requests a second.") var rate = 500.0
    @Option(help: "Seconds that count.") var seconds = 20.0
    @Option(help: "Seconds before them that do not.") var warmUp = 3.0
    @Option(help: "Shares of kinds: user, similar, basket, visitor, event, path.") var mix = "user=1"
    @Option(help: "File with a user id on each line.") var users: String?
    @Option(help: "File with an item id on each line.") var items: String?
    @Option(help: "Path of the kind path.") var path = "/healthz"
    @Option(help: "Items of a list.") var limit = 12
    @Option(help: "Most connections.") var connections = 64
    @Option(help: "Key to show.") var key: String?
    @Option(help: "Seed of the draws.") var seed: UInt64 = 1
    @Option(help: "Seconds that the last answers may take.") var patience = 2.0

    func run() async throws {
        signal(SIGPIPE, SIG_IGN)
        guard rate > 0, seconds > 0, warmUp >= 0, connections > 0, let parts = URLComponents(string: url),
            let host = parts.host, let port = parts.port
        else { throw ValidationError("--rate, --seconds and --connections are above 0; --url names a host and a port") }
        let workload = try Workload(
            mix: mix, users: try Self.lines(users), items: try Self.lines(items), path: path, limit: limit,
            host: "\(host):\(port)", key: key, seed: seed)
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let loop = group.next()
        let address = try SocketAddress.makeAddressResolvingHost(host, port: port)
        guard rate * (seconds + warmUp) < 1e9 else {
            throw ValidationError("--rate and --seconds make more than a thousand million requests")
        }
        let count = Int(rate * (seconds + warmUp))
        let gap = TimeAmount.nanoseconds(Int64(1e9 / rate))
        let report = loop.makePromise(of: String.self)
        let (warmUp, patience, connections, rate) = (warmUp, patience, connections, rate)
        loop.execute {
            let driver = Driver(
                loop: loop, address: address, workload: workload, connections: connections,
                start: .now() + .milliseconds(50), warmUp: .nanoseconds(Int64(warmUp * 1e9)))
            driver.run(count: count, gap: gap, patience: .nanoseconds(Int64(patience * 1e9))) {
                report.succeed(Report(driver.tally, rate: rate).line)
            }
        }
        print(try await report.futureResult.get())
        try await group.shutdownGracefully()
    }

    private static func lines(_ path: String?) throws -> [String] {
        guard let path else { return [] }
        guard let data = FileManager.default.contents(atPath: path) else {
            throw ValidationError("\(path) cannot be read")
        }
        return String(decoding: data, as: UTF8.self).split(separator: "\n").map(String.init)
    }
}

/// What is told at the end.
struct Report: Encodable {
    struct Times: Encodable {
        let count: Int
        let mean: Double
        let p50: Double
        let p90: Double
        let p99: Double
        let p999: Double
        let max: Double

        init(_ histogram: LatencyHistogram) {
            func milliseconds(_ share: Double) -> Double { Double(histogram.quantile(share)) / 1000 }
            (count, mean) = (histogram.count, (histogram.mean).rounded() / 1000)
            (p50, p90, p99) = (milliseconds(0.5), milliseconds(0.9), milliseconds(0.99))
            (p999, max) = (milliseconds(0.999), Double(histogram.largest) / 1000)
        }
    }
    let rate: Double
    let sent: Int
    let answered: Int
    /// Requests without an answer: connections that ended, were refused, or answered too late.
    let failed: Int
    let statuses: [String: Int]
    let degraded: Int
    let longestQueue: Int
    let bytesPerAnswer: Int
    let milliseconds: Times
    let byKind: [String: Times]
    let slowestBySecond: [Double]

    init(_ tally: Tally, rate: Double) {
        (self.rate, sent, answered) = (rate, tally.sent, tally.all.count)
        failed = tally.sent - tally.all.count
        statuses = Dictionary(uniqueKeysWithValues: tally.statuses.map { (String($0.key), $0.value) })
        (degraded, longestQueue) = (tally.degraded, tally.longestQueue)
        bytesPerAnswer = tally.bytes / max(1, tally.all.count)
        milliseconds = Times(tally.all)
        byKind = Dictionary(uniqueKeysWithValues: tally.byKind.map { ($0.key.rawValue, Times($0.value)) })
        slowestBySecond = tally.slowestBySecond.map { Double($0) / 1000 }
    }

    var line: String {
        let encoder = JSONEncoder()
        encoder.keyEncodingStrategy = .convertToSnakeCase
        encoder.outputFormatting = [.sortedKeys]
        return (try? encoder.encode(self)).map { String(decoding: $0, as: UTF8.self) } ?? "{}"
    }
}
