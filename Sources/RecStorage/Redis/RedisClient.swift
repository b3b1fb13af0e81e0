// A client of Redis: one connection, its set-up and its scripts, on a thread of its own.
import RecCore

/// Owns one connection. Calls run one after the other; each either returns every answer or throws, and after a throw
/// (other than `.late`) the connection is gone.
actor RedisClient {
    private let executor = BlockingExecutor("redis")
    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    private let configuration: RedisConfiguration
    /// Loaded into each new connection's server; commands name them by their places.
    private let scripts: [String]
    private var connection: RedisClientConnection?
    /// Whether a connection was ever asked for.
    private var isNew = true
    /// The scripts' names on the server, 40 bytes each.
    private var digests: [UInt8] = []

    init(_ configuration: RedisConfiguration, scripts: [String]) {
        (self.configuration, self.scripts) = (configuration, scripts)
    }

    /// Makes a new connection in place of the one there is.
    func connect() throws(RedisFailure) { try connect(within: configuration.connectTimeout) }

    func disconnect() { connection = nil }

    /// Sends `pipeline` and returns an answer to each of its commands.
    ///
    /// A connection that turns out to be closed is replaced once, and everything sent again: what this package sends
    /// may be done twice. A script that the server forgot is loaded again.
    func run(_ pipeline: RedisPipeline, deadline: ContinuousClock.Instant) throws(RedisFailure) -> [RedisReply] {
        let left = deadline - ContinuousClock.now
        guard left > .zero else { throw .late }
        var isFresh = false
        if connection == nil {
            // Only the first call waits for a connection. Later ones are made beside the calls, by the pool.
            guard isNew else { throw .unreachable("the connection ended before this call's turn") }
            try connect(within: min(left, configuration.connectTimeout))
            isFresh = true
        }
        do {
            return try attempt(pipeline, deadline)
        } catch .lost(let reason) {
            let left = deadline - ContinuousClock.now
            guard !isFresh, left > .zero else { throw .lost(reason) }
            try connect(within: min(left, configuration.connectTimeout))
            return try attempt(pipeline, deadline)
        }
    }

    private func attempt(
        _ pipeline: RedisPipeline, _ deadline: ContinuousClock.Instant
    ) throws(RedisFailure) -> [RedisReply] {
        var replies = try exchange(pipeline, pipeline.commands.indices, deadline)
        let forgotten = replies.indices.filter { replies[$0] == .error(.noScript) }
        guard !forgotten.isEmpty else { return replies }
        try loadScripts(deadline)
        for (index, reply) in zip(forgotten, try exchange(pipeline, forgotten, deadline)) { replies[index] = reply }
        return replies
    }

    /// Every round trip passes here: no connection outlives a failure.
    private func exchange(
        _ pipeline: RedisPipeline, _ indices: some Collection<Int>, _ deadline: ContinuousClock.Instant
    ) throws(RedisFailure) -> [RedisReply] {
        guard let connection else { throw .unreachable("there is no connection") }
        do {
            return try connection.exchange(pipeline, indices, digests: digests, deadline: deadline)
        } catch {
            self.connection = nil
            throw error
        }
    }

    private func connect(within limit: Duration) throws(RedisFailure) {
        isNew = false
        connection = nil
        let deadline = ContinuousClock.now + limit
        connection = try RedisClientConnection(to: configuration.endpoint, within: limit)
        do throws(RedisFailure) {
            var hello = RedisPipeline()
            if let password = configuration.password {
                hello.add(["AUTH"] + (configuration.user.map { [$0] } ?? []) + [password])
            }
            if configuration.database != 0 { hello.add(["SELECT", String(configuration.database)]) }
            // A stopped server's kernel still accepts connections: only an answer tells that it lives.
            hello.add(["PING"])
            for reply in try exchange(hello, hello.commands.indices, deadline) {
                if case .error(let word) = reply { throw .refused(word) }
            }
            try loadScripts(deadline)
        } catch {
            connection = nil
            throw error
        }
    }

    private func loadScripts(_ deadline: ContinuousClock.Instant) throws(RedisFailure) {
        var pipeline = RedisPipeline()
        for script in scripts { pipeline.add(["SCRIPT", "LOAD", script]) }
        var loaded: [UInt8] = []
        for reply in try exchange(pipeline, pipeline.commands.indices, deadline) {
            switch reply {
            case .text(let digest) where digest.count == 40: loaded += digest
            case .error(let word):
                connection = nil
                throw .refused(word)
            default:
                connection = nil
                throw .garbled("a script's name of another length than 40")
            }
        }
        digests = loaded
    }
}
