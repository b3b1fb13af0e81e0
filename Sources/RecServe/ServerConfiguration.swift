// Where the server listens, and the limits that keep one client from harming the others.

/// Settings of ``RecommendationServer``. The defaults are for one shop behind a proxy, listening on this machine only.
public struct ServerConfiguration: Sendable, Hashable {
    /// Address to listen on; `0.0.0.0` = every network of this machine.
    public let host: String
    /// 0 = any free port.
    public let port: Int
    /// Largest request body, in bytes.
    public let bodyBytes: Int
    /// Most events in one `POST /v1/events`.
    public let eventsPerBatch: Int
    /// Most context items, and most recent events, of one request.
    public let contextItems: Int
    /// Most items that a request may exclude.
    public let excludedItems: Int
    /// Time in which the whole body must arrive; a client that drips bytes is cut off.
    public let bodyDeadline: Duration
    /// Time after which a connection on which nothing happens is closed.
    public let idleTimeout: Duration

    /// - Throws: ``InvalidServerConfiguration`` with everything that is wrong, not only the first.
    public init(
        host: String = "127.0.0.1", port: Int = 8080, bodyBytes: Int = 64 * 1024, eventsPerBatch: Int = 100,
        contextItems: Int = 100, excludedItems: Int = 1000, bodyDeadline: Duration = .seconds(2),
        idleTimeout: Duration = .seconds(15)
    ) throws(InvalidServerConfiguration) {
        var problems: [String] = []
        func check(_ name: String, _ value: Int, _ range: ClosedRange<Int>) {
            if !range.contains(value) { problems.append("\(name) \(value) is outside \(range)") }
        }
        func check(_ name: String, _ value: Duration, _ range: ClosedRange<Duration>) {
            if !range.contains(value) {
                problems.append("\(name) \(value) is outside \(range.lowerBound) to \(range.upperBound)")
            }
        }
        let isPrintable = host.utf8.allSatisfy { (33...126).contains($0) }
        if host.isEmpty || !isPrintable || host.utf8.count > 253 {
            problems.append("host is not a host name or address")
        }
        check("port", port, 0...65_535)
        check("body limit in bytes", bodyBytes, 1024...16_777_216)
        check("events per batch", eventsPerBatch, 1...10_000)
        check("context items", contextItems, 1...10_000)
        check("excluded items", excludedItems, 0...100_000)
        check("body deadline", bodyDeadline, .milliseconds(10) ... .seconds(60))
        check("idle timeout", idleTimeout, .seconds(1) ... .seconds(300))
        guard problems.isEmpty else { throw InvalidServerConfiguration(problems: problems) }
        (self.host, self.port, self.bodyBytes, self.eventsPerBatch) = (host, port, bodyBytes, eventsPerBatch)
        (self.contextItems, self.excludedItems) = (contextItems, excludedItems)
        (self.bodyDeadline, self.idleTimeout) = (bodyDeadline, idleTimeout)
    }
}

/// What is wrong with a configuration.
public struct InvalidServerConfiguration: Error, Hashable, Sendable, CustomStringConvertible {
    /// One sentence each.
    public let problems: [String]
    public var description: String { "server configuration: " + problems.joined(separator: "; ") }
}
