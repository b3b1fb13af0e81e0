// rec-process as a process of its own: killed, put to sleep, told to stop.
import Foundation
import RecCore
import Testing

@testable import RecStorage

private let isThere = BuiltProgram.path("rec-process") != nil && PrivateRedis.isInstalled && KafkaCluster.canFail

/// Beside each other: they wait for sessions to end.
@Suite(.enabled(if: isThere, "rec-process, Redis or the mock broker is not there"))
struct StreamKillTests {
    @Test(
        "F1 rec-process that is killed four times, and another one, lose nothing and leave every window exact",
        arguments: [0, 1])
    func kills(half: Int) async throws {
        let place = try StreamPlace()
        let log = KafkaLog(place.kafka)
        let events = try KafkaEvents.make(8000, users: 300)
        var generator = KafkaSeed(31 + UInt64(half))

        for life in 0..<4 {
            try await log.append(Array(events[(life * 1900)..<((life + 1) * 1900)]))
            let processor = try place.processor()
            try await place.waitForLag(atMost: Int64.random(in: 300...1800, using: &generator))
            processor.send(SIGKILL)
            _ = await processor.end()
        }
        let last = try place.processor()
        // Events that only the last one can take: when they are taken, it is ready for the signal.
        try await log.append(Array(events[(4 * 1900)...]))
        try await place.waitForLag(atMost: 0)
        last.send(SIGTERM)
        let end = await last.end()

        #expect(end.code == 0, "\(end.text)")
        #expect(try await KafkaEvents.wrongWindows(place.sessions, events) == 0)
    }
}

@Suite(.serialized, .enabled(if: isThere, "rec-process, Redis or the mock broker is not there"))
struct StreamProgramTests {
    @Test("F2 rec-process that slept through its session wakes, changes nothing and works on")
    func sleep() async throws {
        let place = try StreamPlace()
        let log = KafkaLog(place.kafka)
        let events = try KafkaEvents.make(9000, users: 300)
        try await log.append(Array(events.prefix(3000)))
        let sleepy = try place.processor("a")
        try await place.waitForLag(atMost: 2500)
        sleepy.send(SIGSTOP)

        try await log.append(Array(events[3000..<6000]))
        let other = try place.processor("b")
        try await place.waitForLag(atMost: 0)
        sleepy.send(SIGCONT)
        try await log.append(Array(events[6000...]))
        try await place.waitForLag(atMost: 0)
        sleepy.send(SIGTERM)
        other.send(SIGTERM)
        let (first, second) = await (sleepy.end(), other.end())

        #expect(first.code == 0, "\(first.text)")
        #expect(second.code == 0, "\(second.text)")
        #expect(try await KafkaEvents.wrongWindows(place.sessions, events) == 0)
    }

    @Test("F18 events of the future go to the dead letters and into no window")
    func future() async throws {
        let place = try StreamPlace()
        let log = KafkaLog(place.kafka)
        let events = try KafkaEvents.make(500, users: 20)
        let year = Timestamp(milliseconds: Int64(Date().timeIntervalSince1970 * 1000) + 365 * 86_400_000)
        let future = try (0..<7).map { number in
            try Interaction(
                event: EventID("future\(number)"), user: UserID("user \(number)"), item: ItemID("item"),
                kind: .purchase, timestamp: year, weight: 1)
        }
        try await log.append(events + future)

        let patient = KafkaCluster.patient.map { "\($0.key)=\($0.value)" }.joined(separator: ";")
        let processor = try place.processor("a", ["--set", "REC_KAFKA_PROPERTIES=\(patient)"])
        try await place.waitForLag(atMost: 0)
        processor.send(SIGTERM)
        let end = await processor.end()

        #expect(end.code == 0)
        #expect(end.text.contains("7 dead letters"), "\(end.text)")
        #expect(try await KafkaEvents.wrongWindows(place.sessions, events) == 0)
    }
}
