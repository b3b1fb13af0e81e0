// A Kafka-protocol broker for tests: the one in REC_KAFKA_BROKERS, or a private mock that ends with its test.
import Foundation
import RecCore
import Testing

@testable import RecStorage

/// `rec-mock-kafka` as a process of its own, told what to do through its input.
final class MockKafka {
    struct Failure: Error { let reason: String }

    /// Where the build put the program: beside the test bundle.
    static let program = BuiltProgram.path("rec-mock-kafka")

    let address: String
    private let process = Process()
    private let input = Pipe()
    private let output = Pipe()
    private var unread = Data()

    init(partitions: Int = 4) throws {
        signal(SIGPIPE, SIG_IGN)
        guard let program = Self.program else { throw Failure(reason: "rec-mock-kafka was not built") }
        process.executableURL = program
        process.arguments = ["--partitions", "\(partitions)"]
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        guard let line = Self.line(of: output, &unread) else { throw Failure(reason: "the mock broker said nothing") }
        address = line
    }

    /// Ends the process, and waits until it is gone.
    func stop() {
        guard process.isRunning else { return }
        // SIGTERM is blocked in what a thread of Swift's pool starts.
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
    }

    deinit { stop() }

    /// Sends a line and waits until it is obeyed.
    func tell(_ line: String) throws {
        try input.fileHandleForWriting.write(contentsOf: Data("\(line)\n".utf8))
        let answer = Self.line(of: output, &unread)
        guard answer == "ok" else { throw Failure(reason: "\(line): \(answer ?? "no answer")") }
    }

    private static func line(of pipe: Pipe, _ unread: inout Data) -> String? {
        while true {
            if let end = unread.firstIndex(of: UInt8(ascii: "\n")) {
                let line = String(decoding: unread[unread.startIndex..<end], as: UTF8.self)
                unread = Data(unread[unread.index(after: end)...])
                return line
            }
            let more = pipe.fileHandleForReading.availableData
            if more.isEmpty { return nil }
            unread += more
        }
    }
}

/// What a test of Kafka runs on.
final class KafkaCluster {
    static let realBrokers = ProcessInfo.processInfo.environment["REC_KAFKA_BROKERS"].flatMap { $0.isEmpty ? nil : $0 }
    /// Whether anything is there to test on.
    static let isThere = realBrokers != nil || MockKafka.program != nil
    /// Whether faults can be made: only on the mock.
    static let canFail = MockKafka.program != nil

    /// Short sessions, so that a member that died is soon forgotten; the mock broker lets the first member of a group
    /// wait for three seconds, and a shorter session ends in the meantime.
    static let impatient = [
        "session.timeout.ms": "3300", "heartbeat.interval.ms": "200", "max.poll.interval.ms": "10000",
        "fetch.wait.max.ms": "50", "fetch.error.backoff.ms": "50", "reconnect.backoff.max.ms": "500",
    ]

    /// Sessions that outlast a busy machine, for tests that count what is read: nobody is to lose a partition and read it again.
    static let patient = ["session.timeout.ms": "30000", "max.poll.interval.ms": "60000"]

    private let mock: MockKafka?
    private let brokers: [String]

    /// - Parameter mocked: true = a mock even when there is a real broker: the test makes faults.
    init(mocked: Bool = true) throws {
        if !mocked, let real = Self.realBrokers {
            mock = nil
            brokers = real.split(separator: ",").map(String.init)
        } else {
            let started = try MockKafka()
            mock = started
            brokers = [started.address]
        }
    }

    func tell(_ line: String) throws { try mock?.tell(line) }

    /// Ends the mock. A test calls it last, so that the mock lives until then.
    func stop() { mock?.stop() }

    /// An empty topic with its dead-letter topic.
    func configuration(_ properties: [String: String] = [:]) throws -> KafkaConfiguration {
        let topic = "events-\(UUID().uuidString)"
        try tell("topic \(topic) 4")
        try tell("topic \(topic).dead 4")
        var all = Self.impatient.merging(properties) { $1 }
        if mock == nil { all["allow.auto.create.topics"] = "true" }
        return try KafkaConfiguration(brokers: brokers, topic: topic, group: "group", properties: all)
    }

    /// The address, for other programs.
    var address: String { brokers.joined(separator: ",") }
}

/// Waits until a condition holds, and leaves the processors to others between two looks.
func eventually(
    _ what: String, within patience: Duration = .seconds(30), _ condition: () async throws -> Bool
) async throws {
    let clock = ContinuousClock()
    let deadline = clock.now + patience
    while true {
        // The last look begins behind the deadline: one that began in time may have been read late, and say nothing of now.
        let isLast = clock.now >= deadline
        if try await condition() { return }
        guard !isLast else { throw MockKafka.Failure(reason: "not in time: \(what)") }
        try await clock.sleep(for: .milliseconds(10))
    }
}
