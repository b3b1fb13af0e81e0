// A few clients of Redis behind one bounded queue.
import Foundation
import RecCore
import Synchronization

/// Shares a few clients among many callers. No call waits longer than its time, but for the system's look-up of a host's name: a full
/// queue, and a server that is known to be away, are answered at once. Lost connections come back by themselves, within two seconds of the
/// server.
final class RedisPool: Sendable {
    private struct Slot {
        /// Why the client is out of use; `nil` = it may be used.
        var failure: RedisFailure?
        var calls = 0
    }

    let configuration: RedisConfiguration
    private let clients: [RedisClient]
    private let slots: Mutex<[Slot]>

    init(_ configuration: RedisConfiguration, scripts: [String]) {
        Self.ignoreBrokenPipes
        self.configuration = configuration
        clients = (0..<configuration.poolSize).map { _ in RedisClient(configuration, scripts: scripts) }
        slots = Mutex(Array(repeating: Slot(), count: configuration.poolSize))
    }

    /// hiredis writes without MSG_NOSIGNAL: the second write on a connection that the server closed would end the
    /// process.
    private static let ignoreBrokenPipes: Void = { _ = signal(SIGPIPE, SIG_IGN) }()

    /// Sends `pipeline` on one connection and returns an answer to each of its commands.
    func run(_ pipeline: RedisPipeline, operation: String) async throws(StorageError) -> [RedisReply] {
        let deadline = ContinuousClock.now + configuration.commandTimeout
        let index: Int
        do throws(StorageError) {
            index = try reserve(operation)
        } catch {
            // Callers that try again at once would otherwise never leave the few threads of Swift's pool, and the tasks
            // that bring connections back would never run.
            await Task.yield()
            throw error
        }
        do {
            let replies = try await clients[index].run(pipeline, deadline: deadline)
            release(index)
            return replies
        } catch {
            release(index)
            if error.endsConnection { recover(index, from: error) }
            throw error.storageError(operation)
        }
    }

    /// Gives up every connection, after something that must not happen.
    func dropConnections() {
        for index in clients.indices { recover(index, from: .garbled("an answer to another question")) }
    }

    /// The ready client with the fewest calls.
    private func reserve(_ operation: String) throws(StorageError) -> Int {
        try slots.withLock { (slots) throws(StorageError) in
            let ready = slots.indices.filter { slots[$0].failure == nil }
            guard let best = ready.min(by: { slots[$0].calls < slots[$1].calls }) else {
                let last = slots.lazy.compactMap(\.failure).first?.storageError(operation).reason ?? ""
                throw StorageError(.unavailable, operation: operation, reason: "no connection now; \(last)")
            }
            let calls = slots.reduce(0) { $0 + $1.calls }
            guard slots[best].calls == 0 || calls < configuration.poolSize + configuration.queueBound else {
                throw StorageError(
                    .unavailable, operation: operation,
                    reason: "\(configuration.queueBound) calls wait for a connection to Redis already")
            }
            slots[best].calls += 1
            return best
        }
    }

    private func release(_ index: Int) { slots.withLock { $0[index].calls -= 1 } }

    /// Takes a client out of use until it has a new connection: the first attempt after 50 ms, then twice as long up to
    /// 2 s, each shortened at random so that many processes do not knock at once.
    private func recover(_ index: Int, from failure: RedisFailure) {
        let isFirst = slots.withLock { slots in
            defer { slots[index].failure = failure }
            return slots[index].failure == nil
        }
        guard isFirst else { return }
        let client = clients[index]
        Task { [weak self] in
            await client.disconnect()
            var pause = Duration.milliseconds(50)
            while true {
                try? await Task.sleep(for: pause * Double.random(in: 0.5...1))
                guard self != nil else { return }
                do throws(RedisFailure) {
                    try await client.connect()
                    break
                } catch {
                    self?.slots.withLock { $0[index].failure = error }
                }
                pause = min(pause * 2, .seconds(2))
            }
            self?.slots.withLock { $0[index].failure = nil }
        }
    }
}
