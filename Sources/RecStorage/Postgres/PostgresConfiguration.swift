// Where PostgreSQL is, and how long to wait for it.
import RecCore

/// How to reach one database.
public struct PostgresConfiguration: Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable
{
    /// A connection text of libpq, `host=... dbname=...` or `postgresql://...`. It may hold a password: it is never printed.
    public let connection: String
    /// For a connection to be made, name look-up excepted.
    public let connectTimeout: Duration
    /// For one statement, of which a chunk of bulk rows is one; also for a free connection of the pool.
    public let statementTimeout: Duration
    /// Connections at most.
    public let poolSize: Int

    /// - Throws: `.rejected` with everything that is wrong, without a word of the connection text.
    public init(
        _ connection: String, connectTimeout: Duration = .seconds(5), statementTimeout: Duration = .seconds(60),
        poolSize: Int = 4
    ) throws(StorageError) {
        var problems: [String] = []
        if let problem = PostgresSession.problem(ofConnectionText: connection) { problems.append(problem) }
        let range = Duration.milliseconds(10)...Duration.seconds(86_400)
        if !range.contains(connectTimeout) {
            problems.append("the connect timeout \(connectTimeout) lies outside 10 ms to a day")
        }
        if !range.contains(statementTimeout) {
            problems.append("the statement timeout \(statementTimeout) lies outside 10 ms to a day")
        }
        if !(1...256).contains(poolSize) { problems.append("the pool's size \(poolSize) lies outside 1 to 256") }
        guard problems.isEmpty else {
            throw StorageError(.rejected, operation: "postgres.configure", reason: problems.joined(separator: "; "))
        }
        (self.connection, self.connectTimeout) = (connection, connectTimeout)
        (self.statementTimeout, self.poolSize) = (statementTimeout, poolSize)
    }

    /// Everything but the connection text.
    public var description: String {
        "PostgreSQL, connect timeout \(connectTimeout), statement timeout \(statementTimeout), pool of \(poolSize)"
    }
    /// The same as ``description``: a debugger's output ends up in logs too.
    public var debugDescription: String { description }
    /// No children, for the same reason.
    public var customMirror: Mirror { Mirror(self, children: [:]) }
}
