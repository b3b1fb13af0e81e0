// Where the server listens, who may ask, and what it keeps to.
import ArgumentParser
import Foundation
import Logging
import RecCore
import RecServe
import RecStores

struct ServeOptions: ParsableArguments {
    @Option(help: "Address to listen on; one that others reach needs --keys.") var host = "127.0.0.1"
    @Option(help: "Port to listen on; 0 = any free one.") var port = 8080
    @Option(help: "Address of the port for operators: health, metrics, version; it asks for no keys.")
    var adminHost = "127.0.0.1"
    @Option(
        parsing: .unconditional,
        help: "Port for operators; 0 = any free one, -1 = none. Without it the port above --port.")
    var adminPort: Int?
    @Option(help: "File of keys; it is read again when it changes. Make a key with --make-key.") var keys: String?
    @Option(help: "Requests a second of one key, or of one address without keys; 0 = as many as they like.")
    var rate = 0
    @Flag(
        help: "Show a web page at / to browsers; whoever may ask for recommendations sees customers' histories there.")
    var page = false
    @Option(help: "Web origin that may ask, such as https://shop.example; may be repeated.") var origin: [String] = []
    @Option(help: "Certificate chain in PEM form, for TLS.") var tlsCertificate: String?
    @Option(help: "Private key in PEM form, for TLS.") var tlsKey: String?
    @Option(
        help: "Seconds between the signal to stop and the end of listening, in which balancers and clients turn away.")
    var drainDelay = 5.0
    @Option(help: "Milliseconds that an answer waits for windows and profiles before it does without; for Redis 50.")
    var readDeadline = 50
    @Option(help: "A filter, as in requests, that every item shown must pass.") var rule: String?
    @Option(
        help: "How lists are drawn where a request does not say: \(PolicyChoice.grammar). (default: greedy)",
        transform: PolicyArgument.parse)
    var policy = PolicyChoice.fixed(.greedy)
    @Flag(
        help:
            "Learn from clicks how far --policy stochastic may go: strengths that are seen to lose 3 % of them are given up."
    )
    var learnDial = false
    @Option(
        help:
            "JSON file of an A/B test: {\"name\", \"variants\": [{\"name\", \"share\", \"model_version\", \"policy\"}]}."
    )
    var experiment: String?
    @Option(help: "How to log: text or json.") var logFormat = LogFormat.text
    @Option(
        help: "Least level that is logged: trace, debug (each request), info, notice, warning, error. (default: info)",
        transform: { text in
            guard let level = Logger.Level(rawValue: text) else { throw ValidationError("\(text) is no level") }
            return level
        })
    var logLevel = Logger.Level.info

    enum LogFormat: String, ExpressibleByArgument { case text, json }

    func logger() -> Logger {
        var logger =
            switch logFormat {
            case .text: Logger(label: "rec-serve", factory: { StreamLogHandler.standardError(label: $0) })
            case .json: Logger(label: "rec-serve", factory: { JSONLogHandler(service: $0, write: tell) })
            }
        logger.logLevel = logLevel
        return logger
    }

    func configuration() throws -> ServerConfiguration {
        guard (tlsCertificate == nil) == (tlsKey == nil) else {
            throw ValidationError("--tls-certificate and --tls-key go together")
        }
        guard (0...65_535).contains(port), (-1...65_535).contains(adminPort ?? 0), (0...60).contains(drainDelay),
            (0...1_000_000).contains(rate)
        else {
            throw ValidationError(
                "--port is 0 to 65535, --admin-port -1 to 65535, --drain-delay 0 to 60, --rate 0 to 1000000")
        }
        let admin = adminPort ?? (port == 0 || port == 65_535 ? 0 : port + 1)
        return try ServerConfiguration(
            host: host, port: port, admin: admin < 0 ? nil : .init(host: adminHost, port: admin),
            keys: try keys.map { path in
                do { return try KeyRing(path: path) } catch { throw ValidationError("--keys \(path): \(error)") }
            }, rate: rate > 0 ? .init(perSecond: rate) : nil, showsPage: page,
            origins: origin,
            tls: tlsCertificate.flatMap { certificate in tlsKey.map { .init(certificate: certificate, key: $0) } },
            drainDelay: .seconds(drainDelay))
    }

    func engineConfiguration() throws -> RecommendationEngine.Configuration {
        var configuration = RecommendationEngine.Configuration()
        configuration.slatesAtOnce = ProcessInfo.processInfo.activeProcessorCount
        configuration.rule = try rule.map { text in
            do { return try ItemFilter(json: text) } catch { throw ValidationError("--rule: \(error)") }
        }
        configuration.policy = policy
        guard !learnDial || configuration.policy == .stochastic else {
            throw ValidationError("--learn-dial goes with --policy \(PolicyChoice.stochasticName)")
        }
        if learnDial { configuration.dial = DialBandit() }
        configuration.experiment = try experiment.map { path in
            guard let data = FileManager.default.contents(atPath: path) else {
                throw ValidationError("--experiment \(path) cannot be read")
            }
            do { return try Experiment(json: data) } catch { throw ValidationError("--experiment \(path): \(error)") }
        }
        return configuration
    }

    func deadlines() throws -> GuardedStores.Deadlines {
        guard (1...60_000).contains(readDeadline) else {
            throw ValidationError("--read-deadline \(readDeadline) is not 1 to 60000 milliseconds")
        }
        var deadlines = GuardedStores.Deadlines()
        deadlines.read = .milliseconds(readDeadline)
        deadlines.windows = deadlines.read
        return deadlines
    }
}
