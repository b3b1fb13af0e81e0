// How to reach a Redis server, and what may be asked of it.
import RecCore

/// Where a Redis server listens.
public enum RedisEndpoint: Sendable, Hashable, CustomStringConvertible {
    /// A host name or address, and a port.
    case tcp(host: String, port: Int)
    /// A socket of this machine, by its path.
    case unixSocket(path: String)

    public var description: String {
        switch self {
        case .tcp(let host, let port): "\(host):\(port)"
        case .unixSocket(let path): path
        }
    }
}

/// A Redis server and the limits of its use. Descriptions hold no password.
///
/// hiredis 0.14 speaks no TLS: keep the connection on one machine or in a private network.
public struct RedisConfiguration: Sendable {
    /// Where the server listens.
    public let endpoint: RedisEndpoint
    /// `nil` = Redis' default user.
    public let user: String?
    /// `nil` = the server asks for none.
    let password: String?
    /// The number of the database.
    public let database: Int
    /// Bounds a connection's set-up, from the first packet to the answer to `PING`. Names of hosts are resolved by the
    /// system, within its own limits.
    public let connectTimeout: Duration
    /// Bounds a call, its wait for a connection included.
    public let commandTimeout: Duration
    /// How many connections, each with a thread of its own.
    public let poolSize: Int
    /// How many calls may wait for a connection; one more is refused at once.
    public let queueBound: Int
    /// Stands before each user's id in the names of keys.
    public let keyPrefix: String
    /// A window that nothing was added to for so long is forgotten, to whole seconds; `nil` = never.
    public let timeToLive: Duration?

    /// - Throws: `.rejected`, with everything that is wrong.
    public init(
        endpoint: RedisEndpoint, user: String? = nil, password: String? = nil, database: Int = 0,
        connectTimeout: Duration = .milliseconds(250), commandTimeout: Duration = .milliseconds(500),
        poolSize: Int = 4, queueBound: Int = 64, keyPrefix: String = "w:", timeToLive: Duration? = nil
    ) throws(StorageError) {
        var problems: [String] = []
        func check(_ holds: Bool, _ problem: @autoclosure () -> String) { if !holds { problems.append(problem()) } }
        switch endpoint {
        case .tcp(let host, let port):
            check(Self.isPlain(host, limit: 255), "the host is not a name or an address")
            check((1...65_535).contains(port), "the port \(port) is not one of 1 to 65535")
        case .unixSocket(let path):
            // sockaddr_un has room for 108 bytes, the last of which is zero.
            check(Self.isPlain(path, limit: 107), "the path of the socket is empty, longer than 107 bytes or not plain")
        }
        check(user.map { Self.isPlain($0, limit: 255) } ?? true, "the user's name is empty, too long or not plain")
        check(password.map { !$0.isEmpty } ?? true, "the password is empty")
        check(user == nil || password != nil, "a user without a password")
        check((0...65_535).contains(database), "the database \(database) is not one of 0 to 65535")
        let times: ClosedRange<Duration> = .milliseconds(1) ... .seconds(600)
        check(times.contains(connectTimeout), "the connect timeout is not one of 1 ms to 10 min")
        check(times.contains(commandTimeout), "the command timeout is not one of 1 ms to 10 min")
        check((1...64).contains(poolSize), "\(poolSize) connections are not 1 to 64")
        check((0...65_536).contains(queueBound), "a queue of \(queueBound) is not one of 0 to 65536")
        check(Self.isPlain(keyPrefix, limit: 64), "the prefix of keys is empty, longer than 64 bytes or not plain")
        let lives: ClosedRange<Duration> = .seconds(1) ... .seconds(100 * 366 * 86_400)
        check(timeToLive.map(lives.contains) ?? true, "the time to live is not one of 1 s to 100 years")
        guard problems.isEmpty else {
            throw StorageError(.rejected, operation: "redis.configuration", reason: problems.joined(separator: "; "))
        }
        (self.endpoint, self.user, self.password, self.database) = (endpoint, user, password, database)
        (self.connectTimeout, self.commandTimeout) = (connectTimeout, commandTimeout)
        (self.poolSize, self.queueBound) = (poolSize, queueBound)
        (self.keyPrefix, self.timeToLive) = (keyPrefix, timeToLive)
    }

    private static func isPlain(_ text: String, limit: Int) -> Bool {
        (1...limit).contains(text.utf8.count) && !text.utf8.contains { $0 < 32 || $0 == 127 }
    }
}

extension RedisConfiguration: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    public var description: String { "redis at \(endpoint), database \(database)" }
    public var debugDescription: String { description }
    /// What `dump` shows.
    public var customMirror: Mirror { Mirror(self, children: ["endpoint": endpoint, "database": database]) }
}
