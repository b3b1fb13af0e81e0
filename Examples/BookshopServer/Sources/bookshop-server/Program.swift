// Serves the bookshop's recommendations over HTTP, from the shop's own stores.
import Bookshop
import BookshopStores
import Foundation
import Logging
import RecCore
import RecServe
import ServiceLifecycle

@main
struct BookshopServer {
    static func main() async throws {
        signal(SIGPIPE, SIG_IGN)
        let arguments = Array(CommandLine.arguments.dropFirst())
        guard (2...3).contains(arguments.count), let port = Int(arguments.count == 3 ? arguments[2] : "8080") else {
            tell("usage: bookshop-server TABLES FOLDER [PORT]    books.csv and sales.csv are read from TABLES")
            exit(2)
        }
        do {
            try await serve(tables: arguments[0], folder: arguments[1], port: port)
        } catch {
            tell("bookshop-server: \(error)")
            exit(1)
        }
    }

    private static func serve(tables: String, folder: String, port: Int) async throws {
        let configuration = try ServerConfiguration(port: port)
        let shop = try await ShopStores(folder: folder)
        try await shop.take(try ShopTables(folder: tables))
        if try await shop.models.current() == nil {
            let model = try await shop.train(at: SystemSource.now())
            tell("learned from \(model.history.eventCount) sales: model \(model.version)")
        }
        let engine = shop.engine()
        try await engine.reload()

        var logger = Logger(label: "bookshop-server", factory: { StreamLogHandler.standardError(label: $0) })
        logger.logLevel = .warning
        let server = RecommendationServer(
            engine: engine, configuration: configuration, logger: logger,
            whenListening: { port in
                print("http://127.0.0.1:\(port)")
                fflush(nil)
            })
        var services = ServiceGroupConfiguration(
            services: server.services, gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
        services.maximumGracefulShutdownDuration = .seconds(25)
        try await ServiceGroup(configuration: services).run()
    }

    /// On the error output: the other one tells the address, and nothing else.
    private static func tell(_ text: String) {
        try? FileHandle.standardError.write(contentsOf: Data((text + "\n").utf8))
    }
}
