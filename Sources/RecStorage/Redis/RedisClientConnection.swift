// One connection of hiredis: the only file that holds its pointers.
internal import CRedis
import Foundation

/// A `redisContext`.
private enum RedisContext: CObject {
    static func destroy(_ pointer: OpaquePointer) { redisFree(UnsafeMutablePointer<redisContext>(pointer)) }
}

/// A `redisReply`.
private enum RedisReplyObject: CObject {
    static func destroy(_ pointer: OpaquePointer) { freeReplyObject(UnsafeMutableRawPointer(pointer)) }
}

/// A connection to Redis, used by one thread at a time. After any failure the owner throws it away: hiredis 0.14 may
/// hand out the answer to an earlier question once a call went wrong (redis/hiredis#306), and `redisReconnect` forgets
/// timeouts (#593).
final class RedisClientConnection {
    /// Nothing that this package asks for comes near.
    private static let mostBytes = 64 << 20
    private static let mostElements = 65_536
    private static let deepest = 4

    private let handle: CHandle<RedisContext>

    /// Connects, without a word to the server.
    init(to endpoint: RedisEndpoint, within limit: Duration) throws(RedisFailure) {
        let microseconds = max(1, Int(limit.wholeMilliseconds)) * 1000
        let time = timeval(tv_sec: microseconds / 1_000_000, tv_usec: microseconds % 1_000_000)
        let made =
            switch endpoint {
            case .tcp(let host, let port): redisConnectWithTimeout(host, Int32(port), time)
            case .unixSocket(let path): redisConnectUnixWithTimeout(path, time)
            }
        guard let context = made else { throw .unreachable("no memory for a connection") }
        handle = CHandle(OpaquePointer(context))
        guard context.pointee.err == 0 else { throw .unreachable(Self.errorText(context)) }
        if case .tcp = endpoint { _ = redisEnableKeepAlive(context) }
        // Every wait is a `poll` with what is left of the call's time. A socket's own timeout counts from the last
        // byte, so that a server that drips bytes would hold a call for ever.
        let flags = fcntl(context.pointee.fd, F_GETFL)
        guard flags >= 0, fcntl(context.pointee.fd, F_SETFL, flags | O_NONBLOCK) == 0 else {
            throw .unreachable("the socket's mode cannot be set")
        }
        context.pointee.flags &= ~REDIS_BLOCK
        context.pointee.reader.pointee.maxbuf = 1 << 18
    }

    /// Sends the commands at `indices` of `pipeline` and reads as many answers.
    /// - Parameter digests: those of the client's scripts, 40 bytes each.
    func exchange(
        _ pipeline: RedisPipeline, _ indices: some Collection<Int>, digests: [UInt8],
        deadline: ContinuousClock.Instant
    ) throws(RedisFailure) -> [RedisReply] {
        try handle.withPointer { (pointer) throws(RedisFailure) in
            let context = UnsafeMutablePointer<redisContext>(pointer)
            try Self.checkQuiet(context)
            try Self.append(pipeline, indices, digests: digests, to: context)
            var isSent: Int32 = 0
            while isSent == 0 {
                guard redisBufferWrite(context, &isSent) == REDIS_OK else { throw .lost(Self.errorText(context)) }
                if isSent == 0 { try Self.wait(for: POLLOUT, context, deadline) }
            }
            var replies: [RedisReply] = []
            replies.reserveCapacity(indices.count)
            for _ in indices { replies.append(try Self.nextReply(context, deadline)) }
            // More than was asked for: whatever comes next would be taken for the answer to another question.
            guard Self.isDrained(context) else { throw .garbled("more answers than questions") }
            return replies
        }
    }

    /// Before a question nothing may lie in the buffers or in the socket; what does is the end of the connection, or a
    /// stray answer.
    private static func checkQuiet(_ context: UnsafeMutablePointer<redisContext>) throws(RedisFailure) {
        var socket = pollfd(fd: context.pointee.fd, events: Int16(POLLIN), revents: 0)
        guard poll(&socket, 1, 0) == 0, isDrained(context) else { throw .lost("closed, or out of step") }
    }

    private static func isDrained(_ context: UnsafeMutablePointer<redisContext>) -> Bool {
        context.pointee.reader.pointee.pos == context.pointee.reader.pointee.len
    }

    private static let evaluate = Array("EVALSHA".utf8)

    private static func append(
        _ pipeline: RedisPipeline, _ indices: some Collection<Int>, digests: [UInt8],
        to context: UnsafeMutablePointer<redisContext>
    ) throws(RedisFailure) {
        let isDone = evaluate.withUnsafeBytes { evaluate in
            digests.withUnsafeBytes { digests in
                pipeline.bytes.withUnsafeBytes { bytes in
                    // Arguments without bytes need an address too.
                    let base = bytes.baseAddress ?? evaluate.baseAddress
                    var words: [UnsafePointer<CChar>?] = []
                    var lengths: [Int] = []
                    for index in indices {
                        let command = pipeline.commands[index]
                        words.removeAll(keepingCapacity: true)
                        lengths.removeAll(keepingCapacity: true)
                        if let script = command.script {
                            guard let digest = digests.baseAddress, digests.count >= (script + 1) * 40 else {
                                return false
                            }
                            words.append(evaluate.baseAddress?.assumingMemoryBound(to: CChar.self))
                            lengths.append(evaluate.count)
                            words.append((digest + script * 40).assumingMemoryBound(to: CChar.self))
                            lengths.append(40)
                        }
                        for argument in command.arguments {
                            let start = argument == 0 ? 0 : pipeline.ends[argument - 1]
                            words.append(base.map { ($0 + start).assumingMemoryBound(to: CChar.self) })
                            lengths.append(pipeline.ends[argument] - start)
                        }
                        let result = redisAppendCommandArgv(context, Int32(words.count), &words, lengths)
                        guard result == REDIS_OK else { return false }
                    }
                    return true
                }
            }
        }
        guard isDone else { throw .lost("no memory for the commands") }
    }

    private static func nextReply(
        _ context: UnsafeMutablePointer<redisContext>, _ deadline: ContinuousClock.Instant
    ) throws(RedisFailure) -> RedisReply {
        while true {
            var found: UnsafeMutableRawPointer?
            guard redisGetReplyFromReader(context, &found) == REDIS_OK else { throw .garbled(errorText(context)) }
            if let found {
                let object = CHandle<RedisReplyObject>(OpaquePointer(found))
                return try object.withPointer { (pointer) throws(RedisFailure) in
                    try value(of: UnsafeMutablePointer<redisReply>(pointer), depth: 0)
                }
            }
            guard context.pointee.reader.pointee.len < mostBytes else { throw .garbled("an answer without end") }
            try wait(for: POLLIN, context, deadline)
            guard redisBufferRead(context) == REDIS_OK else { throw .lost(errorText(context)) }
        }
    }

    /// An answer of hiredis as a value.
    private static func value(
        of reply: UnsafeMutablePointer<redisReply>, depth: Int
    ) throws(RedisFailure) -> RedisReply {
        let bytes = UnsafeRawBufferPointer(
            start: reply.pointee.str, count: reply.pointee.str == nil ? 0 : reply.pointee.len)
        switch reply.pointee.type {
        case REDIS_REPLY_STRING: return .text(Array(bytes))
        case REDIS_REPLY_STATUS: return .status(Array(bytes))
        case REDIS_REPLY_ERROR: return .error(RedisErrorWord(of: bytes))
        case REDIS_REPLY_INTEGER: return .integer(reply.pointee.integer)
        case REDIS_REPLY_NIL: return .null
        case REDIS_REPLY_ARRAY:
            let count = reply.pointee.elements
            guard depth < deepest, count <= mostElements else { throw .garbled("an answer of too many parts") }
            var parts: [RedisReply] = []
            parts.reserveCapacity(count)
            for index in 0..<count {
                guard let part = reply.pointee.element[index] else { throw .garbled("an answer with a part missing") }
                parts.append(try value(of: part, depth: depth + 1))
            }
            return .array(parts)
        default: throw .garbled("an answer of an unknown kind")
        }
    }

    /// Waits until the socket can be read or written.
    private static func wait(
        for event: Int32, _ context: UnsafeMutablePointer<redisContext>, _ deadline: ContinuousClock.Instant
    ) throws(RedisFailure) {
        while true {
            let left = deadline - ContinuousClock.now
            guard left > .zero else { throw .timeout }
            var socket = pollfd(fd: context.pointee.fd, events: Int16(event), revents: 0)
            let ready = poll(&socket, 1, left.wholeMilliseconds)
            // What ended the connection is told by the read or the write that follows.
            if ready > 0 { return }
            guard ready == 0 || errno == EINTR else { throw .lost("the socket cannot be waited for") }
        }
    }

    private static func errorText(_ context: UnsafeMutablePointer<redisContext>) -> String {
        withUnsafeBytes(of: context.pointee.errstr) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    }
}
