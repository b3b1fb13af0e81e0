// Serves the current model of a data folder over HTTP.
import ArgumentParser
import Foundation
import Logging
import RecCore
import RecServe
import RecStores
import ServiceLifecycle
import Synchronization

@main
struct Serve: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rec-serve", abstract: "Serve the current model of a data folder over HTTP.",
        discussion: """
            A model that rec-train publishes while the server runs is swapped in within seconds; what changes in the catalogue, within
            one. GET / lists the routes, /openapi.json describes them; the operators' port has /readyz and /metrics.
            """, version: PlatformVersion.text)

    @OptionGroup var stores: StoreOptions
    @OptionGroup var options: ServeOptions
    @Option(help: "Make a key for this caller, tell it with the line for the file of keys, and end.") var makeKey:
        String?
    @Option(help: "What the key of --make-key permits, separated by commas: \(Scope.allNames).")
    var scopes = "recommend,events"

    func run() async throws {
        signal(SIGPIPE, SIG_IGN)
        if let makeKey { return try tellKey(for: makeKey) }
        let logger = options.logger()
        let configuration = try options.configuration()
        let engineConfiguration = try options.engineConfiguration()
        var deadlines = try options.deadlines()
        let store = try await stores.open(.serving)
        // Calls of Redis end in time by themselves.
        if store.configuration.redis != nil { deadlines.windows = nil }
        let metrics = ServerMetrics()
        let guarded = GuardedStores(
            sessions: store.sessions, log: store.log, users: store.users, metrics: metrics, deadlines: deadlines)
        let engine = store.engine(
            engineConfiguration, sessions: guarded.sessions, log: guarded.log, users: guarded.users)
        do {
            if try await engine.reload() == nil {
                logger.warning("no model yet: train one with rec-train; answers are 503 until then")
            }
            try await engine.loadExperiment()
        } catch {
            logger.error("not every model can be served (without any, answers are 503): \(error)")
        }
        let (host, adminHost) = (options.host, options.adminHost)
        let scheme = configuration.tls == nil ? "http" : "https"
        let server = RecommendationServer(
            engine: engine, configuration: configuration,
            replay: configuration.showsPage ? store.watchedReplay() : nil, metrics: metrics, logger: logger,
            whenListening: { port in
                print("\(scheme)://\(host):\(port)  model \(engine.modelVersion?.rawValue ?? "none yet")")
                fflush(nil)
            },
            whenAdminListening: { port in
                tell("operators: http://\(adminHost):\(port)")
            })
        var services = ServiceGroupConfiguration(
            services: server.services, gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
        services.maximumGracefulShutdownDuration = configuration.drainDelay + .seconds(25)
        try await ServiceGroup(configuration: services).run()
        await store.close()
    }

    private func tellKey(for name: String) throws {
        let scopes = try self.scopes.split(separator: ",").map { word in
            guard let scope = Scope(rawValue: word.trimmingCharacters(in: .whitespaces)) else {
                throw ValidationError("\(word) is no scope; there are \(Scope.allNames)")
            }
            return scope
        }
        guard !scopes.isEmpty else { throw ValidationError("--scopes names none of \(Scope.allNames)") }
        guard !name.isEmpty, name.utf8.count <= 64, !name.contains(where: \.isWhitespace), !name.hasPrefix("#") else {
            throw ValidationError("the name of a caller is 1 to 64 bytes without spaces")
        }
        let (key, line) = APIKey.make(name: name, scopes: Set(scopes))
        print(line)
        tell("the line above goes into the file of --keys; the key itself, shown only now:\n\(key)")
    }
}

/// On the error output, where lines of two threads do not mix; one that is closed costs the words, not the server.
func tell(_ text: String) {
    errorOutput.withLock { _ in try? FileHandle.standardError.write(contentsOf: Data((text + "\n").utf8)) }
}
private let errorOutput = Mutex(())
