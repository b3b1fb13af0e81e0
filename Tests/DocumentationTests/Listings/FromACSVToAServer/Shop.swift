// The tutorial's Shop.swift, word for word.
// Listing begins: Shop.swift
// The order of the steps: load, train, serve until the program is told to stop.
import Logging
import RecEmbedded
import RecServe
import ServiceLifecycle

/// - Parameters:
///   - arguments: the program's name, a CSV file, a folder for the store, a port.
///   - stopsBySignal: whether control-C and `kill` end the server, after its last answers.
func shop(
    arguments: [String], stopsBySignal: Bool = true, say: @escaping @Sendable (String) -> Void = { print($0) }
) async throws {
    guard arguments.count == 4, arguments[1].hasSuffix(".csv"), let port = Int(arguments[3]) else {
        return say("usage: shop ORDERS.csv FOLDER PORT")
    }
    let store = try await EmbeddedStore(folder: arguments[2])
    say(try await loadOrders(arguments[1], into: store).text)
    say("model \(try await publishModel(of: store, at: SystemSource.now()))")

    let logger = Logger(label: "shop")
    let server = try await makeServer(of: store, port: port, logger: logger) { port in
        say("listening on http://127.0.0.1:\(port)")
    }
    let group = ServiceGroup(
        services: server.services, gracefulShutdownSignals: stopsBySignal ? [.sigint, .sigterm] : [], logger: logger)
    try await group.run()
}
// Listing ends
