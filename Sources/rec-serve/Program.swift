// Serves the current model of a data folder over HTTP.
import ArgumentParser
import Foundation
import Logging
import RecCore
import RecServe
import RecStores
import ServiceLifecycle

@main
struct Serve: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rec-serve", abstract: "Serve the current model of a data folder over HTTP.",
        discussion:
            "A model that rec-train publishes while the server runs is swapped in within seconds; what changes in the catalogue, within one."
    )

    @OptionGroup var stores: StoreOptions
    @Option(help: "Address to listen on.") var host = "127.0.0.1"
    @Option(help: "Port to listen on; 0 = any free one.") var port = 8080

    func run() async throws {
        signal(SIGPIPE, SIG_IGN)
        let logger = Logger(label: "rec-serve")
        let configuration = try ServerConfiguration(host: host, port: port)
        let store = try await stores.open(.serving)
        let engine = store.engine()
        do {
            if try await engine.reload() == nil {
                logger.warning("no model yet: train one with rec-train; answers are 503 until then")
            }
        } catch {
            logger.error("the current model is refused; answers are 503 until a good one is published: \(error)")
        }
        let host = host
        let server = RecommendationServer(
            engine: engine, configuration: configuration, logger: logger,
            whenListening: { port in
                print("http://\(host):\(port)  model \(engine.modelVersion?.rawValue ?? "none yet")")
                fflush(nil)
            })
        // Stopped from the last to the first: answers in flight, then impressions.
        var services = ServiceGroupConfiguration(
            services: [
                ModelReloader(engine: engine, logger: logger), CatalogueRefresher(engine: engine, logger: logger),
                ImpressionWriter(engine: engine, logger: logger), server,
            ],
            gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
        services.maximumGracefulShutdownDuration = .seconds(25)
        try await ServiceGroup(configuration: services).run()
        await store.close()
    }
}
