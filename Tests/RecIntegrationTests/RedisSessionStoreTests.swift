// Windows in Redis: the contract, exactness, memory, settings.
import Foundation
import RecCore
import RecStorage
import RecTesting
import Testing

@Suite(.serialized, .enabled(if: PrivateRedis.isInstalled, "redis-server is not installed"))
struct RedisSessionStoreTests {
    @Test func redisKeepsTheContractOfSessionStores() async throws {
        let redis = try PrivateRedis()

        try await SessionStoreContract.verify {
            try redis.command("FLUSHALL")
            return RedisSessionStore(try redis.configuration())
        }
    }

    @Test func onePersonIsForgotten() async throws {
        let redis = try PrivateRedis()

        try await PersonalDataContract.verifyWindows { RedisSessionStore(try redis.configuration()) }
    }

    @Test func aThousandStreamsInAnyOrderGiveTheWindowsOfBruteForce() async throws {
        let redis = try PrivateRedis()
        let store = RedisSessionStore(try redis.configuration())
        var generator = SplitMix64(seed: 20)
        let streams = try (0..<1000).map { try RedisStreams.stream(of: "user\($0)", using: &generator) }
        var rest = RedisStreams.delivered(streams.flatMap(\.self), using: &generator)[...]

        while !rest.isEmpty {
            let batch = rest.prefix(Int.random(in: 1...1000, using: &generator))
            rest = rest.dropFirst(batch.count)
            _ = try await store.record(Array(batch))
        }

        let found = try await store.states(of: streams.compactMap { $0.first?.user })
        #expect(found.count == 1000)
        let wrong = streams.filter { stream in
            guard let user = stream.first?.user else { return true }
            return found[user] != SessionState(stream)
        }
        #expect(wrong.isEmpty, "\(wrong.count) of 1000 windows are wrong, seed 20")
    }

    @Test func everyAnswerEqualsThatOfMemoryEvenWhenAnEventComesAgainWithAnotherContent() async throws {
        let redis = try PrivateRedis()
        let store = RedisSessionStore(try redis.configuration())
        let memory = InMemorySessionStore()
        var generator = SplitMix64(seed: 21)

        // Few ids and few times: events are evicted, and come back with other times and items.
        for _ in 0..<300 {
            let batch = try (0..<Int.random(in: 1...30, using: &generator)).map { _ in
                try Interaction(
                    event: EventID("e\(Int.random(in: 0..<40, using: &generator))"),
                    user: UserID("user\(Int.random(in: 0..<3, using: &generator))"),
                    item: ItemID("item\(Int.random(in: 0..<5, using: &generator))"), kind: .click,
                    timestamp: Timestamp(milliseconds: Int64(Int.random(in: 0..<20, using: &generator))))
            }
            let (found, expected) = (try await store.record(batch), try await memory.record(batch))
            try #require(found == expected, "seed 21")
        }
    }

    @Test func manyEventsOfOneUserInOneBatchGiveTheNewest() async throws {
        let redis = try PrivateRedis()
        let store = RedisSessionStore(try redis.configuration())
        let events = try (0..<1000).map { try RedisStreams.event($0, of: "alice") }

        let answer = try await store.record(events)

        #expect(answer == [UserID("alice"): SessionState(events)])
    }

    @Test func namesOfTheGreatestLengthAndWithoutMeaningToOthersComeBack() async throws {
        let redis = try PrivateRedis()
        let store = RedisSessionStore(try redis.configuration())
        let user = UserID(String(repeating: "é%s", count: 63))
        let event = try Interaction(
            event: EventID(String(repeating: "🧦", count: 32)), user: user,
            item: ItemID(String(repeating: "ü", count: 127)),
            kind: try #require(InteractionKind("v")), timestamp: Timestamp(milliseconds: -1), weight: 0.1)

        _ = try await store.record([event])

        #expect(try await store.states(of: [user]) == [user: SessionState([event])])
    }

    @Test func rebuiltWindowsJoinThoseThatAreHeld() async throws {
        let redis = try PrivateRedis()
        let store = RedisSessionStore(try redis.configuration())
        let events = try (0..<1000).flatMap { user in
            try (0..<20).map { try RedisStreams.event($0, of: "user\(user)") }
        }
        let (old, new) = (events.filter { $0.timestamp.milliseconds % 3000 != 0 }, events.shuffled().prefix(5000))
        let users = Dictionary(grouping: old, by: \.user)

        try await store.add(Array(new))
        try await store.add(users.values.flatMap { SessionState($0).interactions })

        let expected = Dictionary(grouping: old + new, by: \.user).mapValues { SessionState($0) }
        let found = try await store.states(of: Array(expected.keys))
        #expect(found == expected)
    }

    @Test func aWindowOfUsualNamesStaysCompactAndSmall() async throws {
        let redis = try PrivateRedis()
        let store = RedisSessionStore(try redis.configuration(commandTimeout: .seconds(60)))
        let count = 20_000
        func usedMemory() throws -> Int {
            let line = try #require(
                try redis.command("INFO", "memory").split(whereSeparator: \.isNewline)
                    .first { $0.hasPrefix("used_memory:") })
            return try #require(Int(line.dropFirst("used_memory:".count)))
        }
        try await store.ping()
        let before = try usedMemory()
        // Ids of 14 bytes, items of 10: members of 27 bytes.
        let windows = try (0..<count).map { user in
            SessionState(
                try (0..<SessionState.capacity).map { number in
                    try Interaction(
                        event: EventID("e\(1_000_000_000_000 + user * 10 + number)"),
                        user: UserID("\(100_000_000 + user)"), item: ItemID("\(1_000_000_000 + number)"), kind: .view,
                        timestamp: Timestamp(milliseconds: Int64(RedisStreams.start + number * 1000)))
                })
        }

        try await store.add(windows.flatMap(\.interactions))

        let each = (try usedMemory() - before) / count
        #expect(try redis.command("OBJECT", "ENCODING", "w:100000007") == "listpack")
        #expect(try redis.command("ZCARD", "w:100000007") == "10")
        #expect(each < 600, "\(each) bytes a user")
    }

    @Test func everyWriteRenewsTheTimeToLive() async throws {
        let redis = try PrivateRedis()
        let store = RedisSessionStore(try redis.configuration(timeToLive: .seconds(1000)))
        let event = try RedisStreams.event(1, of: "alice")
        _ = try await store.record([event])
        #expect(try #require(Int(try redis.command("TTL", "w:alice"))) > 900)
        try redis.command("EXPIRE", "w:alice", "100")

        let answer = try await store.record([event])

        #expect(answer[event.user]?.interactions == [event])
        #expect(try #require(Int(try redis.command("TTL", "w:alice"))) > 900)
    }

    @Test func whatAnotherProgramLeftUnderAUsersKeyIsReportedAndTouchesNobodyElse() async throws {
        let redis = try PrivateRedis()
        let store = RedisSessionStore(try redis.configuration())
        try redis.command("SET", "w:text", "x")
        try redis.command("ZADD", "w:set", "1", "not a member")

        for user in ["text", "set"] {
            let event = try RedisStreams.event(1, of: user)
            let written = await #expect(throws: StorageError.self) { _ = try await store.record([event]) }
            let read = await #expect(throws: StorageError.self) { _ = try await store.states(of: [event.user]) }
            #expect(written?.code == .corrupt)
            #expect(read?.code == .corrupt)
            #expect(read?.description.contains(user) == false)
        }
        let other = try RedisStreams.event(1, of: "alice")
        #expect(try await store.record([other])[other.user]?.interactions == [other])
    }

    @Test func aWrongPasswordIsToldWithoutIt() async throws {
        let redis = try PrivateRedis(["--requirepass", "right-secret"])
        func store(_ password: String?) throws -> RedisSessionStore {
            RedisSessionStore(
                try RedisConfiguration(
                    endpoint: .unixSocket(path: redis.socketPath), user: password.map { _ in "default" },
                    password: password,
                    database: 3, connectTimeout: .seconds(2), commandTimeout: .seconds(10)))
        }

        for password in ["wrong-secret", nil] {
            let error = await #expect(throws: StorageError.self) { try await store(password).ping() }
            #expect(error?.code == .rejected)
            #expect(error.map { "\($0)" }?.contains("secret") == false)
        }
        try await store("right-secret").ping()
    }
}

@Suite struct RedisConfigurationTests {
    @Test func allThatIsWrongIsToldAtOnce() {
        let error = #expect(throws: StorageError.self) {
            try RedisConfiguration(
                endpoint: .tcp(host: "", port: 70_000), user: "u", database: -1, commandTimeout: .zero, poolSize: 0,
                queueBound: -1, keyPrefix: "", timeToLive: .zero)
        }
        #expect(error?.code == .rejected)
        #expect(error?.reason.split(separator: ";").count == 9)
        #expect(throws: StorageError.self) {
            try RedisConfiguration(endpoint: .unixSocket(path: String(repeating: "p", count: 108)))
        }
    }

    @Test func descriptionsHoldNoPassword() throws {
        let configuration = try RedisConfiguration(
            endpoint: .tcp(host: "localhost", port: 6379), user: "reader", password: "hush-hush")
        var dumped = ""
        dump(configuration, to: &dumped)

        let texts = ["\(configuration)", String(reflecting: configuration), dumped, "\([configuration])"]
        #expect(texts.allSatisfy { !$0.contains("hush") && $0.contains("localhost:6379") })
    }
}
