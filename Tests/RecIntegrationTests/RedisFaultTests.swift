// Redis that stops, dies, forgets, fills up, dawdles and lies.
import Foundation
import RecCore
import RecTesting
import Testing

@testable import RecStorage

@Suite(.serialized, .enabled(if: PrivateRedis.isInstalled, "redis-server is not installed"), .timeLimit(.minutes(2)))
struct RedisFaultTests {
    private let users = (0..<200).map { UserID("user\($0)") }

    private func events(_ numbers: Range<Int>) throws -> [Interaction] {
        try users.flatMap { user in try numbers.map { try RedisStreams.event($0, of: user.rawValue) } }
    }

    private func windows(_ events: [Interaction]) -> [UserID: SessionState] {
        Dictionary(grouping: events, by: \.user).mapValues { SessionState($0) }
    }

    @Test("F6 a stopped server costs each call its deadline at most, and is used again after")
    func stoppedServer() async throws {
        let redis = try PrivateRedis()
        let store = RedisSessionStore(
            try redis.configuration(commandTimeout: .milliseconds(100), connectTimeout: .milliseconds(100)))
        let event = try RedisStreams.event(1, of: "alice")
        try await eventually("the first call, which connects") { (try? await store.record([event])) != nil }
        redis.stop()

        var codes: Set<StorageError.Code> = []
        var times: [Duration] = []
        for _ in 0..<300 {
            let start = ContinuousClock.now
            let error = await #expect(throws: StorageError.self) { _ = try await store.states(of: [event.user]) }
            times.append(ContinuousClock.now - start)
            if let error { codes.insert(error.code) }
        }
        redis.resume()

        // Nearly all within the deadline and the time to notice it; a call that did not keep it would wait for ever.
        times.sort()
        let (usual, slowest) = (times[times.count * 95 / 100], times[times.count - 1])
        #expect(usual < .milliseconds(150), "one call in twenty took \(usual)")
        #expect(slowest < .seconds(2), "the slowest call took \(slowest)")
        #expect(codes == [.timeout, .unavailable])
        let isBack = await comesTrue(within: .seconds(3)) {
            (try? await store.states(of: [event.user]))?[event.user]?.interactions == [event]
        }
        #expect(isBack)
    }

    @Test("F6 a call that finds the queue full is refused at once")
    func fullQueue() async throws {
        let redis = try PrivateRedis()
        let store = RedisSessionStore(
            try redis.configuration(commandTimeout: .seconds(2), poolSize: 1, queueBound: 2))
        try await store.ping()
        redis.stop()

        let refused = await withTaskGroup { group in
            for _ in 0..<20 {
                group.addTask {
                    let start = ContinuousClock.now
                    do throws(StorageError) {
                        try await store.ping()
                        return false
                    } catch {
                        return error.code == .unavailable && error.reason.contains("wait for a connection")
                            && ContinuousClock.now - start < .seconds(1)
                    }
                }
            }
            return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        redis.resume()

        #expect(refused == 17)
    }

    @Test("F7 a killed and restarted server is used again within two seconds, and no window is foreign")
    func restart() async throws {
        let redis = try PrivateRedis()
        let store = RedisSessionStore(try redis.configuration(commandTimeout: .seconds(2)))
        let all = try events(0..<15)
        let expected = windows(all)
        #expect(try await store.record(all) == expected)

        for round in 0..<3 {
            redis.kill()
            var failure: StorageError.Code?
            do { _ = try await store.record(all) } catch { failure = error.code }
            #expect(failure == .unavailable)
            try redis.start()
            // Nothing was kept: every window is absent or whole, none is another's.
            let isBack = await comesTrue(within: .seconds(2)) { (try? await store.ping()) != nil }
            #expect(isBack, "round \(round)")
            #expect(try await store.states(of: users) == [:])
            #expect(try await store.record(all.shuffled()) == expected)
        }
    }

    @Test("F7 forgotten scripts and cut connections are healed within the call")
    func forgottenScripts() async throws {
        let redis = try PrivateRedis()
        let store = RedisSessionStore(try redis.configuration())
        let all = try events(0..<15)
        _ = try await store.record(all)

        for round in 0..<10 {
            try redis.command("SCRIPT", "FLUSH")
            #expect(try await store.states(of: users) == windows(all), "round \(round)")
            try redis.command("SCRIPT", "FLUSH")
            #expect(try await store.record(all) == windows(all), "round \(round)")
            try redis.command("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
            #expect(try await store.record(all) == windows(all), "round \(round)")
        }
    }

    @Test("F7 under readers and writers, kills of connections and scripts give no foreign and no wrong window")
    func flapping() async throws {
        let redis = try PrivateRedis()
        let store = RedisSessionStore(try redis.configuration(commandTimeout: .seconds(5)))
        let all = try events(0..<12)
        let done = Tally()
        let users = users

        let foreign = await withTaskGroup { group in
            for _ in 0..<4 {
                group.addTask {
                    var foreign = 0
                    while done.count == 0 {
                        guard let found = try? await store.states(of: users) else { continue }
                        foreign += found.filter { !$1.isAll(of: $0) }.count
                    }
                    return foreign
                }
            }
            group.addTask {
                var foreign = 0
                for round in 0..<20 {
                    if round % 2 == 0 { _ = try? redis.command("SCRIPT", "FLUSH") }
                    _ = try? redis.command("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
                    let found = await recordUntilDone(all.shuffled(), store)
                    foreign += found.filter { !$1.isAll(of: $0) }.count
                }
                done.add(1)
                return foreign
            }
            return await group.reduce(0, +)
        }

        #expect(foreign == 0)
        let isExact = await comesTrue(within: .seconds(5)) { (try? await store.states(of: users)) == windows(all) }
        #expect(isExact)
    }

    @Test("F8 a slow or hanging server never gives another user's window")
    func lateAnswers() async throws {
        let redis = try PrivateRedis()
        let proxy = try FaultyProxy(to: redis.port)
        let direct = RedisSessionStore(try redis.configuration())
        let all = try events(0..<3)
        let expected = windows(all)
        _ = try await direct.record(all)
        let deadline = Duration.milliseconds(60)
        let store = RedisSessionStore(
            try redis.configuration(port: proxy.port, commandTimeout: deadline, connectTimeout: .milliseconds(200)))
        let answered = Tally()
        let users = users

        let results = await withTaskGroup(of: (wrong: Int, late: Int, times: [Duration]).self) { group in
            for worker in 0..<4 {
                group.addTask {
                    var generator = SplitMix64(seed: UInt64(worker))
                    var (wrong, late, times) = (0, 0, [Duration]())
                    // Each call asks for 40 windows, each with a question and an answer of its own.
                    while answered.count < 100_000 {
                        let chosen = users.shuffled(using: &generator).prefix(40)
                        let start = ContinuousClock.now
                        do {
                            let found = try await store.states(of: Array(chosen))
                            wrong += chosen.filter { found[$0] != expected[$0] }.count
                            answered.add(chosen.count)
                        } catch {
                            if (error as? StorageError)?.code == .timeout { late += 1 }
                        }
                        times.append(ContinuousClock.now - start)
                    }
                    return (wrong, late, times)
                }
            }
            group.addTask {
                var generator = SplitMix64(seed: 9)
                var round = 0
                while answered.count < 100_000 {
                    // The worst mode gives about half of the answers too late.
                    let modes: [FaultyProxy.Mode] = [
                        .pass, .delay(6...10), .pass, .delay(40...80), .pass, .hang, .reset,
                    ]
                    proxy.set(modes[round % modes.count])
                    round += 1
                    // A mode lasts for some answers, or for a while when there are none.
                    let target = answered.count + 40 * Int.random(in: 5...60, using: &generator)
                    _ = await comesTrue(within: .milliseconds(300)) { answered.count > target }
                }
                proxy.set(.pass)
                return (0, 0, [])
            }
            var all: [(wrong: Int, late: Int, times: [Duration])] = []
            for await result in group { all.append(result) }
            return all
        }

        #expect(results.map(\.wrong).reduce(0, +) == 0)
        #expect(results.map(\.late).reduce(0, +) > 20, "calls that gave up while their answers were on the way")
        // One in a hundred may wait for the machine, which does other work too.
        let times = results.flatMap(\.times).sorted()
        let (most, slowest) = (times[times.count * 99 / 100], times[times.count - 1])
        #expect(most < deadline * 8, "99 of 100 calls took \(most) at most")
        #expect(slowest < .seconds(3), "the slowest call took \(slowest)")
        let isBack = await comesTrue(within: .seconds(3)) { (try? await store.states(of: users)) == expected }
        #expect(isBack)
    }

    @Test("F8 a server that drips bytes cannot hold a call beyond its deadline")
    func drippingServer() async throws {
        let redis = try PrivateRedis()
        let proxy = try FaultyProxy(to: redis.port)
        let store = RedisSessionStore(try redis.configuration(port: proxy.port, commandTimeout: .milliseconds(200)))
        let event = try RedisStreams.event(1, of: "alice")
        try await eventually("the first call, which connects") { (try? await store.record([event])) != nil }

        // About 80 bytes: eight seconds, with never more than 100 ms between two bytes.
        proxy.set(.drip(100))
        let start = ContinuousClock.now
        let error = await #expect(throws: StorageError.self) { _ = try await store.states(of: [event.user]) }
        let time = ContinuousClock.now - start
        proxy.set(.pass)

        #expect(error?.code == .timeout)
        #expect(time < .seconds(1), "\(time)")
    }

    @Test("F8 an answer for another user, or none at all in Redis' words, is an error and not a window")
    func foreignAnswers() async throws {
        let redis = try PrivateRedis()
        let proxy = try FaultyProxy(to: redis.port)
        let store = RedisSessionStore(try redis.configuration(port: proxy.port))
        let event = try RedisStreams.event(1, of: "alice")
        _ = try await store.record([event])

        for mode in [FaultyProxy.Mode.swap("w:alice", "w:carol"), .swap("$7", "!7"), .swap("*2", ":2")] {
            proxy.set(mode)
            let error = await #expect(throws: StorageError.self) { _ = try await store.states(of: [event.user]) }
            #expect(error?.code == .corrupt)
            #expect(error.map { "\($0)" }?.contains("alice") == false)
            proxy.set(.pass)
            let isBack = await comesTrue(within: .seconds(2)) {
                (try? await store.states(of: [event.user]))?[event.user]?.interactions == [event]
            }
            #expect(isBack)
        }
    }

    @Test("F9 a server out of memory refuses writes with a code that says so, and reads go on")
    func fullMemory() async throws {
        let redis = try PrivateRedis(["--maxmemory-policy", "noeviction"])
        let store = RedisSessionStore(try redis.configuration())
        let all = try events(0..<12)
        _ = try await store.record(all)
        try redis.command("CONFIG", "SET", "maxmemory", "1mb")

        let error = await #expect(throws: StorageError.self) {
            _ = try await store.record(try events(20..<25))
        }

        #expect(error?.code == .full)
        #expect(error?.reason == "Redis answered OOM")
        #expect(try await store.states(of: users) == windows(all))
        // A program that starts now can read too.
        #expect(try await RedisSessionStore(try redis.configuration()).states(of: users) == windows(all))
        try redis.command("CONFIG", "SET", "maxmemory", "0")
        let later = try events(20..<25)
        #expect(try await store.record(later) == windows(all + later))
    }

    @Test("F9 a server that cannot write its log refuses writes, and reads go on")
    func fullDisk() async throws {
        let redis = try PrivateRedis()
        let store = RedisSessionStore(try redis.configuration())
        let all = try events(0..<12)
        _ = try await store.record(all)
        // A background save that fails is what a full disk looks like: its folder is gone.
        try redis.command("CONFIG", "SET", "save", "3600 1")
        try FileManager.default.removeItem(at: redis.dataFolder)
        try redis.command("BGSAVE")
        let isRefused = await comesTrue(within: .seconds(5)) {
            do throws(StorageError) {
                _ = try await store.record(all)
                return false
            } catch {
                return error.code == .full && error.reason == "Redis answered MISCONF"
            }
        }

        #expect(isRefused)
        #expect(try await store.states(of: users) == windows(all))
    }

    @Test func theFirstWordOfAnErrorIsKeptAndNothingElse() {
        #expect(RedisErrorWord(of: "OOM command not allowed".utf8).description == "OOM")
        #expect(RedisErrorWord(of: "WRONGTYPE".utf8).description == "WRONGTYPE")
        let older = "ERR Error running script (call to f_1): @user_script:3: -OOM command not allowed"
        #expect(RedisErrorWord(of: older.utf8).description == "OOM")
        #expect(RedisErrorWord(of: "ERR unknown command 'alice'".utf8).description == "ERR")
        #expect(RedisErrorWord(of: "alice's error".utf8).description == "ERR")
        #expect(RedisErrorWord(of: "".utf8).description == "ERR")
    }
}

/// Records until a call succeeds: what a processor does with a batch whose fate is unknown.
private func recordUntilDone(_ events: [Interaction], _ store: RedisSessionStore) async -> [UserID: SessionState] {
    while true {
        if let found = try? await store.record(events) { return found }
        await Task.yield()
    }
}
