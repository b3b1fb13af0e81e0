// Breakers, deadlines and bulkheads, and what answers say while a store is away.
import RecCore
import RecTesting
import Synchronization
import Testing

@testable import RecServe

@Suite struct DependencyTests {
    /// A moment that a test moves.
    private final class Hands: Sendable {
        private let start = ContinuousClock.now
        private let passed = Mutex(Duration.zero)
        var now: ContinuousClock.Instant { start + passed.withLock { $0 } }
        func move(_ duration: Duration) { passed.withLock { $0 += duration } }
    }

    private func breaker(_ hands: Hands) -> CircuitBreaker {
        CircuitBreaker(now: { hands.now }, jitter: { 1 })
    }

    @Test func fiveFailuresInARowOpenTheBreaker() {
        let breaker = breaker(Hands())
        for _ in 0..<4 { breaker.failed() }
        breaker.succeeded()
        for _ in 0..<4 { breaker.failed() }
        #expect(breaker.state == .closed && breaker.admits())
        breaker.failed()
        #expect(breaker.state == .open && !breaker.admits())
    }

    @Test func halfOfTheLastCallsFailingOpensItToo() {
        let breaker = breaker(Hands())
        for _ in 0..<10 {
            breaker.succeeded()
            breaker.failed()
        }
        #expect(breaker.state == .open)
    }

    @Test func oldFailuresAreForgotten() {
        let hands = Hands()
        let breaker = breaker(hands)
        for _ in 0..<60 {
            breaker.succeeded()
            breaker.failed()
            hands.move(.milliseconds(600))
        }
        #expect(breaker.state == .closed)
    }

    @Test func oneCallTriesAfterThePauseWhichDoublesWithEachFailure() {
        let hands = Hands()
        let breaker = breaker(hands)
        for _ in 0..<5 { breaker.failed() }
        var pause = Duration.milliseconds(500)
        for _ in 0..<8 {
            hands.move(pause - .milliseconds(1))
            #expect(!breaker.admits())
            hands.move(.milliseconds(1))
            #expect(breaker.admits() && breaker.state == .halfOpen)
            #expect(!breaker.admits())
            breaker.failed()
            pause = min(.seconds(10), pause * 2)
        }
        hands.move(pause)
        #expect(breaker.admits())
        breaker.succeeded()
        #expect(breaker.state == .closed && breaker.admits())
        for _ in 0..<5 { breaker.failed() }
        hands.move(.milliseconds(500))
        #expect(breaker.admits())
    }

    @Test func aCallThatWasGivenUpTellsNothingAndLetsTheNextOneTry() {
        let hands = Hands()
        let breaker = breaker(hands)
        for _ in 0..<5 { breaker.failed() }
        hands.move(.seconds(1))
        #expect(breaker.admits())
        breaker.gaveUp()
        #expect(breaker.admits())
    }

    private func `guard`(
        _ metrics: ServerMetrics, deadline: Duration = .seconds(60), mostCalls: Int = 10,
        clock: any Clock<Duration> = EndlessClock()
    ) -> Guard { Guard(.sessions, deadline: deadline, mostCalls: mostCalls, metrics: metrics, clock: clock) }

    @Test func aStoreThatDoesNotAnswerIsLeftAtTheDeadline() async throws {
        let metrics = ServerMetrics()
        let guardian = self.guard(metrics, deadline: .milliseconds(5), clock: HastyClock())
        let (stream, end) = AsyncStream.makeStream(of: Never.self)

        let error = await #expect(throws: StorageError.self) {
            // A call that nothing breaks off, as one into C would be.
            try await guardian.run("sessions.states") { () async throws(StorageError) -> Int in
                await Task.detached { for await _ in stream {} }.value
                return 1
            }
        }
        end.finish()

        #expect(error?.code == .timeout)
        #expect(metrics.registry.text.contains(#"reco_dependency_up{dependency="sessions"} 0"#))
    }

    @Test func whatTheStoreSaysOfTheDataDoesNotOpenTheBreaker() async throws {
        let guardian = self.guard(ServerMetrics())
        for code in [StorageError.Code.rejected, .corrupt, .full, .conflict, .notFound] {
            for _ in 0..<5 {
                await #expect(throws: StorageError.self) {
                    try await guardian.run("x") { () async throws(StorageError) -> Int in
                        throw StorageError(code, operation: "x", reason: "because")
                    }
                }
            }
        }
        #expect(guardian.state == .closed)
        for _ in 0..<5 {
            _ = try? await guardian.run("x") { () async throws(StorageError) -> Int in
                throw StorageError(.unavailable, operation: "x", reason: "away")
            }
        }
        #expect(guardian.state == .open)
    }

    @Test func noMoreCallsThanTheBulkheadHoldsAreUnderWay() async throws {
        let guardian = self.guard(ServerMetrics(), mostCalls: 2)
        let (stream, end) = AsyncStream.makeStream(of: Never.self)
        final class Calls: Sendable { let count = Mutex(0) }
        let calls = Calls()
        try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<2 {
                group.addTask {
                    try await guardian.run("x") { () async throws(StorageError) -> Int in
                        calls.count.withLock { $0 += 1 }
                        for await _ in stream {}
                        return 1
                    }
                }
            }
            while calls.count.withLock({ $0 }) < 2 { await Task.yield() }

            let error = await #expect(throws: StorageError.self) {
                try await guardian.run("x") { () async throws(StorageError) -> Int in 1 }
            }
            #expect(error?.code == .unavailable)
            end.finish()
            try await group.waitForAll()
        }
        #expect(try await guardian.run("x") { () async throws(StorageError) -> Int in 7 } == 7)
    }

    @Test func answersGoOnWithoutWindowsAndSaySo() async throws {
        let shop = try await TestShop()
        let metrics = ServerMetrics()
        let stores = shop.stores
        // Once open it stays open, however slow this machine is.
        var breaker = CircuitBreaker.Settings()
        (breaker.firstPause, breaker.longestPause) = (.seconds(3600), .seconds(3600))
        let guarded = GuardedStores(
            sessions: stores.sessions, log: stores.log, users: stores.users, metrics: metrics,
            deadlines: GuardedStores.Deadlines(), breaker: breaker, clock: EndlessClock())
        let engine = RecommendationEngine(
            sessions: guarded.sessions, log: guarded.log, impressions: stores.impressions, catalog: stores.catalog,
            users: guarded.users, models: stores.models)
        try await engine.reload()
        stores.faults.fail("sessions.states", .unavailable, times: .max)
        let server = RecommendationServer(
            engine: engine, configuration: try ServerConfiguration(), metrics: metrics, logger: shop.logger)
        try await server.application().test(.router) { client in
            for _ in 0..<30 {
                let response = try await client.execute(uri: "/v1/users/user-1/recommendations", method: .get)
                let answer: AnswerBody = try response.decoded()
                #expect(response.status == .ok && response.headers[.degraded] == "sessions")
                #expect(answer.degraded == ["sessions"] && answer.items.count == 12)
            }
            let ready = try await client.execute(uri: "/readyz", method: .get)
            #expect(ready.status == .ok)
            #expect(String(buffer: ready.body).contains(#""sessions":"down""#))
        }
        // After five failures nobody asked the store.
        #expect(stores.faults.calls(of: "sessions.states") == 5)
        let text = metrics.registry.text
        #expect(text.contains(#"reco_degraded_responses_total{dependency="sessions"} 30"#))
        #expect(text.contains(#"reco_breaker_state{dependency="sessions"} 2"#))
    }

    @Test func eventsAreNotAcceptedWhileTheLogIsAway() async throws {
        let shop = try await TestShop()
        shop.stores.faults.fail("log.append", .timeout)
        let refused = try await shop.send(.post, "/v1/events", #"{"event_id":"e","user":"u","item":"odd-1"}"#)
        let again = try await shop.send(.post, "/v1/events", #"{"event_id":"e","user":"u","item":"odd-1"}"#)
        #expect(refused.status == .serviceUnavailable && refused.headers[.retryAfter] == "1")
        #expect(again.status == .accepted)
        #expect(shop.stores.log.events.count == 1)
    }
}
