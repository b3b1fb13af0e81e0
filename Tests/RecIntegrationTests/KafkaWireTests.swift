// Events as JSON, and configurations that are refused.
import RecCore
import Testing

@testable import RecStorage

@Suite struct KafkaWireTests {
    private func read(_ text: String) -> Result<Interaction, KafkaEventWire.Refusal> {
        Result { () throws(KafkaEventWire.Refusal) in try KafkaEventWire.decode(Array(text.utf8)) }
    }

    private func refusal(_ text: String) -> String? {
        guard case .failure(let refusal) = read(text) else { return nil }
        return refusal.description
    }

    @Test func anEventReadsAsItWasWritten() throws {
        let texts = [
            "a", "\"q\\uo\\\"te\"", "ユーザー 🧦", "e\u{301}", "\\", "</script>", String(repeating: "\"", count: 255),
        ]
        let times: [Int64] = [0, -1, 9, 10, 1_700_000_000_000, -62_135_596_800_000, 253_402_300_799_999]
        let weights: [Float] = [1, 0.1, 1e7, 16_777_216, 1.5e-30, .greatestFiniteMagnitude, .leastNonzeroMagnitude]
        var bytes: [UInt8] = []
        for (number, text) in texts.enumerated() {
            let event = try Interaction(
                event: number % 2 == 0 ? nil : EventID("e"), user: UserID(text), item: ItemID(text), kind: .cart,
                timestamp: Timestamp(milliseconds: times[number]), weight: weights[number])

            bytes.removeAll()
            KafkaEventWire.encode(event, into: &bytes)

            #expect(try KafkaEventWire.decode(bytes) == event)
        }
    }

    @Test func theFormIsTheDocumentedOne() throws {
        let event = try Interaction(
            event: EventID("e-1"), user: UserID("u-1"), item: ItemID("i-1"), kind: .purchase,
            timestamp: Timestamp(milliseconds: 1_700_000_000_000))
        var bytes: [UInt8] = []

        KafkaEventWire.encode(event, into: &bytes)

        #expect(
            String(decoding: bytes, as: UTF8.self)
                == #"{"v":1,"event":"e-1","user":"u-1","item":"i-1","kind":"purchase","time":1700000000000,"weight":1}"#
        )
    }

    @Test func otherWritersMayUseSpaceEscapesAndAnyOrder() throws {
        let event = try read(
            #" { "time" : -5 , "kind":"view","item":"\u0069\/\ud83e\udde6" ,"user":"\u00e9", "v" : 1 } "#
        ).get()

        #expect(event.item == ItemID("i/🧦"))
        #expect(event.user == UserID("é"))
        #expect(event.timestamp.milliseconds == -5)
        #expect(event.weight == 1)
        #expect(event.event == nil)
    }

    @Test(arguments: [
        "", " ", "null", "[]", "{", "{}", "\"\"", "{\"v\":1}", "not JSON", "{\"v\":1,}",
        #"{"v":2,"user":"u","item":"i","kind":"view","time":1}"#,
        #"{"user":"u","item":"i","kind":"view","time":1}"#,
        #"{"v":1,"user":"u","item":"i","kind":"view"}"#,
        #"{"v":1,"user":"","item":"i","kind":"view","time":1}"#,
        #"{"v":1,"user":"u","item":"i","kind":"View!","time":1}"#,
        #"{"v":1,"user":7,"item":"i","kind":"view","time":1}"#,
        #"{"v":1,"user":"u","item":"i","kind":"view","time":"1"}"#,
        #"{"v":1,"user":"u","item":"i","kind":"view","time":1.5}"#,
        #"{"v":1,"user":"u","item":"i","kind":"view","time":01}"#,
        #"{"v":1,"user":"u","item":"i","kind":"view","time":99999999999999999999}"#,
        #"{"v":1,"user":"u","item":"i","kind":"view","time":9223372036854775807}"#,
        #"{"v":1,"user":"u","item":"i","kind":"view","time":-9223372036854775808}"#,
        #"{"v":1,"user":"u","item":"i","kind":"view","time":1,"weight":NaN}"#,
        #"{"v":1,"user":"u","item":"i","kind":"view","time":1,"weight":1e99}"#,
        #"{"v":1,"user":"u","item":"i","kind":"view","time":1,"weight":0}"#,
        #"{"v":1,"user":"u","item":"i","kind":"view","time":1,"weight":-}"#,
        #"{"v":1,"user":"u","user":"u","item":"i","kind":"view","time":1}"#,
        #"{"v":1,"user":"u","item":"i","kind":"view","time":1,"more":1}"#,
        #"{"v":1,"user":"u","item":"i","kind":"view","time":1}x"#,
        #"{"v":1,"user":"u\n","item":"i","kind":"view","time":1}"#,
        #"{"v":1,"user":"\ud83e","item":"i","kind":"view","time":1}"#,
        #"{"v":1,"user":"\ud83ex","item":"i","kind":"view","time":1}"#,
        #"{"v":1,"user":"\ud83e\u0041","item":"i","kind":"view","time":1}"#,
        #"{"v":1,"user":"\u12","item":"i","kind":"view","time":1}"#,
        #"{"v":1,"user":"\x","item":"i","kind":"view","time":1}"#,
        #"{"v":1,"user":"u"#, #"{"v":1,"user":"u\"#,
    ])
    func whatIsNotAnEventIsRefused(_ text: String) {
        #expect(refusal(text) != nil)
    }

    @Test func invalidUTF8AndHugeTextAreRefused() {
        let head = Array(#"{"v":1,"user":""#.utf8)
        let tail = Array(#"","item":"i","kind":"view","time":1}"#.utf8)

        for bytes: [UInt8] in [[0xFF], [0xC3], [0xED, 0xA0, 0x80], [0xC0, 0x80]] {
            #expect(throws: KafkaEventWire.Refusal.self) { try KafkaEventWire.decode(head + bytes + tail) }
            #expect(throws: KafkaEventWire.Refusal.self) {
                try KafkaEventWire.decode(head + [0x5C, 0x22] + bytes + tail)
            }
        }
        #expect(throws: KafkaEventWire.Refusal.self) {
            try KafkaEventWire.decode([UInt8](repeating: UInt8(ascii: "["), count: 1 << 20))
        }
    }

    @Test func anyChangeOfAnEventIsReadOrRefusedWithoutATrap() throws {
        var generator = KafkaSeed(11)
        var bytes: [UInt8] = []
        KafkaEventWire.encode(
            try Interaction(
                event: EventID("e\"1"), user: UserID("ユ"), item: ItemID("i\\"), kind: .view,
                timestamp: Timestamp(milliseconds: -17), weight: 0.25), into: &bytes)
        var refused = 0

        for _ in 0..<20_000 {
            var changed = bytes
            for _ in 0..<Int.random(in: 1...4, using: &generator) {
                let place = Int.random(in: 0..<changed.count, using: &generator)
                switch Int.random(in: 0..<3, using: &generator) {
                case 0: changed[place] = UInt8.random(in: 0...255, using: &generator)
                case 1: changed.remove(at: place)
                default: changed.insert(changed[Int.random(in: 0..<changed.count, using: &generator)], at: place)
                }
            }
            if (try? KafkaEventWire.decode(changed)) == nil { refused += 1 }
        }

        #expect((10_000..<20_000).contains(refused))
    }

    @Test func refusalsQuoteNothing() {
        #expect(refusal(#"{"v":1,"user":"secret\q"}"#)?.contains("secret") == false)
        #expect(refusal(#"{"secret":1}"#)?.contains("secret") == false)
        #expect(refusal(#"{"v":1,"user":"u","item":"i","kind":"secret!","time":1}"#)?.contains("secret") == false)
    }
}

@Suite struct KafkaConfigurationTests {
    private func problems(
        _ brokers: [String] = ["b:9092"], topic: String = "t", dead: String? = nil, group: String = "g",
        set properties: [String: String] = [:]
    ) -> [String] {
        do {
            _ = try KafkaConfiguration(
                brokers: brokers, topic: topic, deadLetterTopic: dead, group: group, properties: properties)
            return []
        } catch {
            return error.problems
        }
    }

    @Test func settingsOfARealClusterPassThrough() {
        #expect(
            problems(set: [
                "security.protocol": "SASL_SSL", "sasl.mechanism": "SCRAM-SHA-256", "sasl.username": "u",
                "sasl.password": "p", "compression.codec": "lz4", "partition.assignment.strategy": "range",
                "acks": "all",
            ]) == [])
    }

    @Test func whatPromisesRestOnCannotBeSetOtherwise() {
        for (name, value) in [
            ("partition.assignment.strategy", "cooperative-sticky"), ("enable.auto.commit", "true"),
            ("enable.auto.offset.store", "true"), ("enable.idempotence", "false"), ("acks", "1"),
            ("bootstrap.servers", "x:1"), ("group.id", "x"), ("transactional.id", "x"),
            ("plugin.library.paths", "/tmp/x.so"), ("log_cb", "x"), ("linger.mss", "5"), ("linger.ms", "soon"),
        ] {
            #expect(problems(set: [name: value]).count == 1, "\(name)")
        }
    }

    @Test func allProblemsAreToldAtOnce() {
        #expect(problems([], topic: "a b", dead: "", group: "", set: ["acks": "0"]).count == 5)
        #expect(problems(topic: "same", dead: "same").count == 1)
        #expect(problems(["a,b", ""]).count == 2)
    }

    @Test func secretsAreNotShown() throws {
        let configuration = try KafkaConfiguration(brokers: ["b:1"], properties: ["sasl.password": "hunter2"])
        var dumped = ""
        dump(configuration, to: &dumped)

        for text in ["\(configuration)", String(reflecting: configuration), dumped] {
            #expect(text.contains("sasl.password"))
            #expect(!text.contains("hunter2"))
        }
        #expect(
            !problems(set: ["sasl.mechanism": "x", "statistics.interval.ms": "hunter2"]).joined().contains("hunter2"))
    }
}

@Suite struct KafkaPositionsTests {
    @Test func aBatchStandsForEverythingBeforeIt() {
        var positions = KafkaPositions()
        positions.take(partition: 0, offset: 4)
        let first = positions.batch()
        positions.take(partition: 1, offset: 9)
        let second = positions.batch()

        #expect(positions.offsets(of: first) == [0: 5])
        #expect(positions.offsets(of: second) == [0: 5, 1: 10])
        positions.commit(positions.offsets(of: second), through: second)
        #expect(positions.offsets(of: first) == [:])
        #expect(positions.isWaiting == false)
    }

    @Test func offsetsOfRevokedPartitionsAreNeverCommitted() {
        var positions = KafkaPositions()
        positions.take(partition: 0, offset: 4)
        let batch = positions.batch()

        positions.revoke()

        #expect(positions.offsets(of: batch) == [:])
        positions.take(partition: 0, offset: 2)
        #expect(positions.batch() > batch)
        #expect(positions.offsetsOfAll == [0: 3])
    }

    @Test func batchesThatNobodyAcknowledgesDoNotPileUp() {
        var positions = KafkaPositions()
        positions.take(partition: 0, offset: 0)

        let numbers = (0...KafkaPositions.limit).map { _ in positions.batch() }

        #expect(positions.offsets(of: numbers[0]) == [:])
        #expect(positions.offsets(of: numbers[1]) == [0: 1])
    }
}
