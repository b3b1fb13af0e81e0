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
        discussion: "Without --input a shop is made up. Later runs start from the model that the first one trained.",
        version: PlatformVersion.text)

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
    @Option(help: "Weeks at the end of the data that are reserved to judge the model on, each by a model of its own.")
    var weeks = 3
    @Flag(help: "Stop before serving.") var noServe = false

    func validate() throws {
        guard (1...52).contains(weeks) else { throw ValidationError("--weeks must be in 1...52") }
    }

    func run() async throws {
        signal(SIGPIPE, SIG_IGN)
        var logger = Logger(label: "rec-sample")
        logger.logLevel = .warning
        let server = try ServerConfiguration(host: host, port: port, showsPage: true)
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
            engine: engine, configuration: server,
            replay: WatchedReplay(
                history: store.history, log: store.log, feed: store.feed(group: "page", forgetsHistory: true),
                sessions: store.sessions,
                instant: { .now }), logger: logger,
            whenListening: { port in
                say(hints.text(host: host, port: port))
            })
        var services = ServiceGroupConfiguration(
            services: http.services, gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
        services.maximumGracefulShutdownDuration = .seconds(25)
        try await ServiceGroup(configuration: services).run()
    }

    /// Judges a model on reserved days, then trains the served one on everything with the blend found there. The judged one, which
    /// does not know the last week, is published before it: something to compare with, and to roll back to.
    private func train(_ store: EmbeddedStore) async throws {
        let training = try await store.trainingData()
        guard training.builder.eventCount > 0 else {
            throw CannotGoOn("no row could be loaded: see \(data)/rejects.csv")
        }
        let now = SystemSource.now()
        let steps = TrainingProgress()
        var options = TrainingOptions()
        do {
            let (report, judged) = try await training.evaluate(options, days: 7, folds: weeks, created: now) {
                steps.report($0)
            }
            say(report.shortTable)
            (options.als, options.stopsEarly) = (judged.configuration.als, false)
            options.weights = judged.configuration.weights
            options.strangers = judged.configuration.strangers
            options.repeats = judged.configuration.repeats
            options.newItemPlaces = judged.configuration.newItemPlaces
            options.exploration = judged.configuration.exploration
            (options.metrics, options.judgement) = (report.rows[0].metrics, report.judgement(days: 7))
            // With the figures that were known before the last week.
            let known = report.withoutNewest
            try await store.models.publish(
                judged.named(
                    ModelVersion(at: now), created: now, metrics: known?.rows[0].metrics ?? [:],
                    judgement: known?.judgement(days: 7)))
        } catch TrainingError.data(let reason) {
            say("not judged: \(reason)")
        }
        let created = SystemSource.now()
        let version = ModelVersion(at: created)
        let snapshot = try await training.train(options, version: version, created: created) { steps.report($0) }
        try await store.models.publish(snapshot)
        say(snapshot.summary)
    }
}
