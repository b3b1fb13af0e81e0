// Where the server listens, who may ask, and the limits that keep one client from harming the others.

/// Settings of ``RecommendationServer``. The defaults are for one shop on one machine: nobody outside reaches it.
public struct ServerConfiguration: Sendable {
    /// Address to listen on; `0.0.0.0` = every network of this machine, which needs ``keys``.
    public let host: String
    /// 0 = any free port.
    public let port: Int
    /// Where health, metrics and version are told, without keys; `nil` = nowhere.
    public let admin: AdminAddress?
    /// Keys of callers; `nil` = everyone may ask everything.
    public let keys: KeyRing?
    /// Requests of one key, or of one address where there are no keys; `nil` = as many as they like.
    public let rate: Rate?
    /// Whether `/` is a web page for browsers, which shows what the engine does; whoever may ask for recommendations sees
    /// customers' histories there.
    public let showsPage: Bool
    /// Web pages of other hosts that may ask, such as `https://shop.example`.
    public let origins: [String]
    /// Certificate and key for TLS; `nil` = plain HTTP.
    public let tls: TLSFiles?
    /// Largest request body, in bytes.
    public let bodyBytes: Int
    /// Most events in one `POST /v1/events`, and most requests in one batch.
    public let eventsPerBatch: Int
    /// Most context items, and most recent events, of one request.
    public let contextItems: Int
    /// Most items that a request may exclude.
    public let excludedItems: Int
    /// Connections at once; one more waits until another ends.
    public let connections: Int
    /// Time in which the whole body must arrive; a client that drips bytes is cut off.
    public let bodyDeadline: Duration
    /// Time after which a connection on which nothing happens is closed.
    public let idleTimeout: Duration
    /// Time in which a client must take 32 KiB of the answers that wait for it, if so much waits; otherwise its connection is closed.
    public let takingDeadline: Duration
    /// After the signal to stop: how long readiness is refused and connections are asked to close, before no more are taken.
    public let drainDelay: Duration

    /// A token bucket.
    public struct Rate: Sendable, Hashable {
        /// Requests that may come in the long run.
        public let perSecond: Int
        /// At once, after a pause.
        public let burst: Int
        /// - Parameters:
        ///   - perSecond: requests in the long run.
        ///   - burst: at once, after a pause; `nil` = what two seconds allow.
        public init(perSecond: Int, burst: Int? = nil) {
            (self.perSecond, self.burst) = (perSecond, burst ?? max(1, min(perSecond, 1_000_000)) * 2)
        }
    }
    /// Files in PEM form.
    public struct TLSFiles: Sendable, Hashable {
        /// Path of the certificate chain.
        public let certificate: String
        /// Path of the private key.
        public let key: String
        /// The files are read when the server starts.
        public init(certificate: String, key: String) { (self.certificate, self.key) = (certificate, key) }
    }

    /// - Throws: ``InvalidServerConfiguration`` with everything that is wrong, not only the first.
    public init(
        host: String = "127.0.0.1", port: Int = 8080, admin: AdminAddress? = nil, keys: KeyRing? = nil,
        rate: Rate? = nil, showsPage: Bool = false, origins: [String] = [], tls: TLSFiles? = nil,
        bodyBytes: Int = 64 * 1024,
        eventsPerBatch: Int = 100, contextItems: Int = 100, excludedItems: Int = 1000, connections: Int = 4096,
        bodyDeadline: Duration = .seconds(2), idleTimeout: Duration = .seconds(9),
        takingDeadline: Duration = .seconds(9), drainDelay: Duration = .zero
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
        if !Self.isHost(host) { problems.append("host is not a host name or address") }
        if keys == nil, !host.isEmpty, !Loopback.isName(host) {
            problems.append(
                "host \(host) can be reached from outside, and there are no keys: name a file of keys, or listen on 127.0.0.1"
            )
        }
        check("port", port, 0...65_535)
        if let admin {
            problems += admin.problems
            if admin.port != 0, admin.port == port { problems.append("port and admin port are both \(port)") }
        }
        if let rate {
            check("requests per second", rate.perSecond, 1...1_000_000)
            check("burst", rate.burst, 1...10_000_000)
        }
        for origin in origins where !Self.isOrigin(origin) {
            problems.append("an origin is not http:// or https:// and a host: \(origin.prefix(80))")
        }
        check("body limit in bytes", bodyBytes, 1024...16_777_216)
        check("events per batch", eventsPerBatch, 1...10_000)
        check("context items", contextItems, 1...10_000)
        check("excluded items", excludedItems, 0...100_000)
        check("connections", connections, 1...1_000_000)
        check("body deadline", bodyDeadline, .milliseconds(10) ... .seconds(60))
        check("idle timeout", idleTimeout, .seconds(1) ... .seconds(300))
        check("taking deadline", takingDeadline, .milliseconds(10) ... .seconds(300))
        check("drain delay", drainDelay, .zero ... .seconds(60))
        guard problems.isEmpty else { throw InvalidServerConfiguration(problems: problems) }
        (self.host, self.port, self.admin, self.keys) = (host, port, admin, keys)
        (self.rate, self.showsPage, self.origins, self.tls) = (rate, showsPage, origins, tls)
        (self.bodyBytes, self.eventsPerBatch) = (bodyBytes, eventsPerBatch)
        (self.contextItems, self.excludedItems) = (contextItems, excludedItems)
        (self.connections, self.drainDelay) = (connections, drainDelay)
        (self.bodyDeadline, self.idleTimeout, self.takingDeadline) = (bodyDeadline, idleTimeout, takingDeadline)
    }

    static func isHost(_ text: String) -> Bool {
        (1...253).contains(text.utf8.count) && text.utf8.allSatisfy { (33...126).contains($0) }
    }

    private static func isOrigin(_ text: String) -> Bool {
        guard let scheme = ["https://", "http://"].first(where: { text.hasPrefix($0) }) else { return false }
        let host = text.dropFirst(scheme.count)
        return !host.isEmpty && host.utf8.count <= 255
            && host.utf8.allSatisfy { (33...126).contains($0) && !"/?#\"<>\\".utf8.contains($0) }
    }
}

/// What is wrong with a configuration.
public struct InvalidServerConfiguration: Error, Hashable, Sendable, CustomStringConvertible {
    /// One sentence each.
    public let problems: [String]
    public var description: String { "server configuration: " + problems.joined(separator: "; ") }
}
