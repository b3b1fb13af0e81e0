// The whole path in one process and one data folder: files, model, judgement, server.
import ArgumentParser
import Foundation
import Logging
import RecCore
import RecEmbedded
import RecFiles
import RecServe
import ServiceLifecycle

@main
struct Sample: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rec-sample",
        abstract: "From CSV files to served recommendations, in one process and one data folder.",
        discussion: "Without --input a shop is made up. Later runs start from the model that the first one trained.")

    @Option(help: "Data folder.") var data = "demo"
    @Option(help: "File or folder to load, or several separated by commas; without it a shop is made up.") var input:
        String?
    @Option(help: "Column of the user, of files of an own form.") var user: String?
    @Option(help: "Column of the item.") var item: String?
    @Option(help: "Column of the time.") var time: String?
    @Option(help: "Column of the weight: kept, must be above 0; the model counts events.") var weight: String?
    @Option(help: "Columns that describe the item, separated by commas.") var itemAttributes: String?
    @Option(help: "Customers of a made-up shop.") var customers = 20_000
    @Option(help: "Articles of a made-up shop.") var articles = 5_000
    @Option(help: "Purchases of a made-up shop.") var transactions: Int64 = 400_000
    @Option(help: "Address to listen on.") var host = "127.0.0.1"
    @Option(help: "Port to listen on; 0 = any free one.") var port = 8080
    @Flag(help: "Stop before serving.") var noServe = false

    func run() async throws {
        signal(SIGPIPE, SIG_IGN)
        var logger = Logger(label: "rec-sample")
        logger.logLevel = .warning
        let server = try ServerConfiguration(host: host, port: port)
        let store = try await EmbeddedStore(folder: data)
        if let version = try await store.models.current() {
            say("starting from model \(version) in \(data); remove the folder to begin anew")
        } else {
            try await load(into: store)
            try await train(store)
        }
        if noServe { return }
        let engine = store.engine()
        try await engine.reload()
        guard let version = engine.modelVersion else {
            throw CannotGoOn("\(data) holds no model that can be loaded")
        }
        let hints = RequestHints(try await store.models.load(version))
        let host = host
        let http = RecommendationServer(
            engine: engine, configuration: server, logger: logger,
            whenListening: { port in
                say(hints.text(host: host, port: port))
            })
        var services = ServiceGroupConfiguration(
            services: http.services, gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
        services.maximumGracefulShutdownDuration = .seconds(25)
        try await ServiceGroup(configuration: services).run()
    }

    private func load(into store: EmbeddedStore) async throws {
        let paths: [String]
        if let input {
            paths = input.split(separator: ",").map(String.init)
        } else {
            paths = [data + "/shop"]
            let shop = SyntheticShop(
                try SyntheticShopConfiguration(customers: customers, articles: articles, transactions: transactions))
            let path = paths[0]
            try await BackgroundThread.run { try shop.write(to: path, replacing: true) }
            say(
                "made up a shop of \(customers) customers, \(articles) articles, \(transactions) purchases in \(path)")
        }
        var options = IngestOptions(
            paths: paths, user: user, item: item, time: time, weight: weight,
            itemAttributes: itemAttributes?.split(separator: ",").map(String.init) ?? [])
        options.rejects = "\(data)/rejects.csv"
        let report = try await IngestPipeline(
            options, history: store.history, catalog: store.catalog, users: store.users,
            progress: ProgressReporter(label: "ingest", unit: "rows")
        ).run()
        say(report.text)
    }

    /// Judges a model on reserved days, then trains the served one on everything with the blend found there.
    private func train(_ store: EmbeddedStore) async throws {
        let training = try await store.trainingData()
        guard training.builder.eventCount > 0 else {
            throw CannotGoOn("no row could be loaded: see \(data)/rejects.csv")
        }
        let now = SystemSource.now()
        let steps = TrainingProgress()
        var options = TrainingOptions()
        do {
            let (report, judged) = try await training.evaluate(options, days: 7, created: now) { steps.report($0) }
            say(report.shortTable)
            (options.als, options.stopsEarly) = (judged.configuration.als, false)
            options.weights = judged.configuration.weights
            options.strangers = judged.configuration.strangers
            options.repeats = judged.configuration.repeats
            options.newItemPlaces = judged.configuration.newItemPlaces
            options.metrics = report.rows[0].metrics
        } catch TrainingError.data(let reason) {
            say("not judged: \(reason)")
        }
        let version = ModelVersion(at: now)
        let snapshot = try await training.train(options, version: version, created: now) { steps.report($0) }
        try await store.models.publish(snapshot)
        say(snapshot.summary)
    }
}
