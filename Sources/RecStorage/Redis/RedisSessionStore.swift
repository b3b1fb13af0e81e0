// Windows of the last interactions in Redis.
import RecCore

/// `SessionStore` on a Redis server: one sorted set a user, one atomic script per user and batch, many users in one
/// round trip.
///
/// Windows are sets cut to their newest events: any order of delivery and any repetition gives the same window, and a
/// batch whose fate is unknown is simply recorded again. Every answer names the key that it is for; one that names
/// another is an error, and all connections are given up.
///
/// With a time to live a user's window is forgotten so long after the last event that was recorded for it, new or not.
public struct RedisSessionStore: SessionStore, PersonalDataStore {
    /// Commands in one round trip.
    private static let pipelineLength = 200
    /// Events of one user in one run of the script; more take more runs, one after the other.
    private static let eventsPerRun = 256

    private let pool: RedisPool
    private var configuration: RedisConfiguration { pool.configuration }

    /// Connects at the first call: the program starts whether Redis is there or not.
    public init(_ configuration: RedisConfiguration) {
        pool = RedisPool(configuration, scripts: RedisWindowScripts.all)
    }

    public func record(_ interactions: [Interaction]) async throws(StorageError) -> [UserID: SessionState] {
        let answers = try await write(interactions, operation: "sessions.record", asksForWindows: true)
        var states: [UserID: SessionState] = [:]
        states.reserveCapacity(answers.count)
        for (user, answer) in answers { states[user] = try window(answer, of: user, "sessions.record") }
        return states
    }

    public func states(of users: [UserID]) async throws(StorageError) -> [UserID: SessionState] {
        let works = Set(users).map { Work(user: $0, events: []) }
        let answers = try await inPipelines(works, operation: "sessions.states") { work, pipeline in
            pipeline.add(script: RedisWindowScripts.read) { arguments in addKey(of: work.user, to: &arguments) }
        }
        var states: [UserID: SessionState] = [:]
        for (user, answer) in answers {
            let state = try window(answer, of: user, "sessions.states")
            if !state.interactions.isEmpty { states[user] = state }
        }
        return states
    }

    /// Adds events as ``record(_:)`` does, without the windows in the answer: for writers that read none, at less cost. Hand
    /// over some thousands at a time: they go through all connections at once.
    public func add(_ interactions: [Interaction]) async throws(StorageError) {
        _ = try await write(interactions, operation: "sessions.add", asksForWindows: false)
    }

    public func erase(_ user: UserID) async throws(StorageError) -> Int {
        let answers = try await inPipelines([Work(user: user, events: [])], operation: "sessions.erase") {
            work, pipeline in
            pipeline.add(script: RedisWindowScripts.erase) { arguments in addKey(of: work.user, to: &arguments) }
        }
        guard case .integer(let count)? = answers.first?.answer else {
            throw StorageError(.corrupt, operation: "sessions.erase", reason: "Redis did not say what it removed")
        }
        return Int(count)
    }

    /// A round trip: tells whether the server lives.
    /// - Throws: what any call would.
    public func ping() async throws(StorageError) {
        var pipeline = RedisPipeline()
        pipeline.add(["PING"])
        let replies = try await pool.run(pipeline, operation: "sessions.ping")
        if case .error(let word)? = replies.first { throw word.storageError("sessions.ping") }
    }
}

extension RedisSessionStore {
    /// A user, and what there is to write.
    private struct Work: Sendable {
        let user: UserID
        var events: ArraySlice<Interaction>
    }

    /// Runs the script for every user named, and returns what each user's last run answered behind the key.
    private func write(
        _ interactions: [Interaction], operation: String, asksForWindows: Bool
    ) async throws(StorageError) -> [(user: UserID, answer: RedisReply)] {
        var pending = Dictionary(grouping: interactions, by: \.user).map { user, all in
            Work(user: user, events: all.filter { $0.event != nil }[...])
        }
        let seconds = configuration.timeToLive.map { String($0.components.seconds) } ?? "0"
        var answers: [(user: UserID, answer: RedisReply)] = []
        while !pending.isEmpty {
            // A user with more events than one run takes waits for the next round: its events stay in order.
            let more = pending.filter { $0.events.count > Self.eventsPerRun }
            let round = try await inPipelines(pending, operation: operation) { work, pipeline in
                pipeline.add(script: RedisWindowScripts.record) { arguments in
                    addKey(of: work.user, to: &arguments)
                    arguments.add(String(SessionState.capacity))
                    arguments.add(seconds)
                    arguments.add(asksForWindows ? "1" : "0")
                    for interaction in work.events.prefix(Self.eventsPerRun) {
                        guard let event = interaction.event else { continue }
                        arguments.add(String(interaction.timestamp.milliseconds))
                        arguments.add { RedisWindowMember.write(interaction, event: event, to: &$0) }
                    }
                }
            }
            let unfinished = Set(more.map(\.user))
            answers += round.filter { !unfinished.contains($0.user) }
            pending = more.map { Work(user: $0.user, events: $0.events.dropFirst(Self.eventsPerRun)) }
        }
        return answers
    }

    private func addKey(of user: UserID, to arguments: inout RedisPipeline.Arguments) {
        arguments.add("1")
        arguments.add {
            $0.append(contentsOf: configuration.keyPrefix.utf8)
            $0.append(contentsOf: user.rawValue.utf8)
        }
    }

    /// Sends a command for each of `works`, ``pipelineLength`` to a round trip, over all connections, and returns what
    /// each answered behind its key.
    private func inPipelines(
        _ works: [Work], operation: String,
        _ command: @escaping @Sendable (Work, inout RedisPipeline) -> Void
    ) async throws(StorageError) -> [(user: UserID, answer: RedisReply)] {
        func send(_ works: ArraySlice<Work>) async throws(StorageError) -> [(user: UserID, answer: RedisReply)] {
            guard !Task.isCancelled else {
                throw StorageError(.unavailable, operation: operation, reason: "the task was cancelled")
            }
            var pipeline = RedisPipeline()
            for work in works { command(work, &pipeline) }
            let replies = try await pool.run(pipeline, operation: operation)
            var answers: [(user: UserID, answer: RedisReply)] = []
            answers.reserveCapacity(replies.count)
            for (work, reply) in zip(works, replies) {
                answers.append((work.user, try checked(reply, of: work.user, operation)))
            }
            return answers
        }
        let chunks = stride(from: 0, to: works.count, by: Self.pipelineLength).map {
            works[$0..<min($0 + Self.pipelineLength, works.count)]
        }
        guard chunks.count > 1 else {
            guard let only = chunks.first else { return [] }
            return try await send(only)
        }
        let result = await withTaskGroup(
            of: Result<[(user: UserID, answer: RedisReply)], StorageError>.self
        ) { group in
            var rest = chunks[...]
            func startNext() {
                guard let chunk = rest.popFirst() else { return }
                group.addTask {
                    do throws(StorageError) { return .success(try await send(chunk)) } catch { return .failure(error) }
                }
            }
            for _ in 0..<configuration.poolSize { startNext() }
            var answers: [(user: UserID, answer: RedisReply)] = []
            var failure: StorageError?
            for await part in group {
                switch part {
                case .success(let found): answers += found
                case .failure(let error): failure = failure ?? error
                }
                if failure == nil { startNext() }
            }
            return failure.map(Result.failure) ?? .success(answers)
        }
        return try result.get()
    }

    /// What stands behind the key in an answer, which must be the key that was asked for.
    private func checked(_ reply: RedisReply, of user: UserID, _ operation: String) throws(StorageError) -> RedisReply {
        switch reply {
        case .error(let word): throw word.storageError(operation)
        case .array(let parts):
            guard parts.count == 2, case .text(let key) = parts[0], isKey(key, of: user) else {
                pool.dropConnections()
                throw StorageError(
                    .corrupt, operation: operation, reason: "Redis answered with the key of another user")
            }
            return parts[1]
        default:
            pool.dropConnections()
            throw StorageError(.corrupt, operation: operation, reason: "Redis' answer names no key")
        }
    }

    private func isKey(_ key: [UInt8], of user: UserID) -> Bool {
        let prefix = configuration.keyPrefix.utf8
        return key.starts(with: prefix) && key.dropFirst(prefix.count).elementsEqual(user.rawValue.utf8)
    }

    private func window(_ answer: RedisReply, of user: UserID, _ operation: String) throws(StorageError) -> SessionState
    {
        let unreadable = StorageError(.corrupt, operation: operation, reason: "a window holds what cannot be read")
        guard case .array(let values) = answer, values.count.isMultiple(of: 2) else { throw unreadable }
        // Oldest first in the set, newest first in a state: that way round each event is simply the next.
        var interactions: [Interaction] = []
        for index in stride(from: values.count - 2, through: 0, by: -2) {
            guard case .text(let member) = values[index], case .text(let score) = values[index + 1],
                let interaction = RedisWindowMember.read(member, score: score, user: user)
            else { throw unreadable }
            interactions.append(interaction)
        }
        return SessionState(interactions)
    }
}
