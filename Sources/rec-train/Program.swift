// Trains a model on the history of a data folder and publishes it.
import ArgumentParser
import Foundation
import RecCore
import RecFiles
import RecStores

@main
struct Train: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rec-train", abstract: "Train a model on the history of a data folder and publish it.",
        discussion: """
            The weights of the signals, and whether items may be recommended again, are chosen on the last windows of the
            training data. A server on the same data folder swaps the new model in by itself.
            """, version: PlatformVersion.text)

    @OptionGroup var stores: StoreOptions
    @OptionGroup(title: "Engine") var engine: EngineOptions
    @OptionGroup(title: "Factorisation") var factors: FactorOptions
    @Flag(inversion: .prefixedNo, help: "Whether to stop when the last window's MAP@12 has stopped to rise.")
    var earlyStop = true
    @Option(help: "Items bought together that are kept of each item: fewer make a smaller model and faster answers.")
    var neighbours = 200
    @Option(help: "Days after which an event says half as much; by default events do not age.")
    var halfLifeDays: Double?
    @Option(help: "Days of the validation cut.") var validationDays = 7.0
    @Flag(
        inversion: .prefixedNo,
        help: "Whether items of a user's past may be recommended again; by default as the data show.")
    var repeats: Bool?
    @Option(
        help: "Share of MAP@12, in percent, that the stochastic policy may cost on validation; 0 = none is calibrated.")
    var explorationLoss = 3.0
    @Option(
        help:
            "Weeks at the end of the data on which models of the same settings are judged first, next to baselines; kept with the model."
    )
    var judgeWeeks = 0
    @Flag(help: "Rank by factors alone, without the other signals.") var tasteOnly = false
    @Flag(help: "Tell the objective and its parts after each sweep.") var verbose = false
    @Flag(help: "Look for better settings than the given ones on the validation cut, and show what was tried.")
    var tune = false
    @Option(help: "Minutes that --tune may take; training comes after.") var tuneMinutes = 10.0

    func validate() throws {
        guard tuneMinutes > 0 else { throw ValidationError("--tune-minutes must be above 0") }
        guard validationDays > 0, halfLifeDays.map({ $0 > 0 }) ?? true else {
            throw ValidationError("--validation-days and --half-life-days must be above 0")
        }
        guard (0...50).contains(explorationLoss) else { throw ValidationError("--exploration-loss is 0 to 50 percent") }
        guard (0...52).contains(judgeWeeks) else { throw ValidationError("--judge-weeks is 0 to 52") }
        guard engine.engine == .own || !(tune || factors.attributes) else {
            throw ValidationError("--tune and --attributes go with --engine own")
        }
        guard neighbours > 0 else { throw ValidationError("--neighbours must be above 0") }
    }

    func run() async throws {
        signal(SIGPIPE, SIG_IGN)
        var options = TrainingOptions(
            als: try factors.configuration(),
            confidence: ConfidenceModel(halfLifeDays: halfLifeDays), neighbours: neighbours, repeats: repeats,
            validationDays: validationDays)
        options.factorizer = engine.factorizer(data: stores.data)
        options.explorationLoss = explorationLoss > 0 ? explorationLoss / 100 : nil
        (options.stopsEarly, options.tellsLoss) = (earlyStop, verbose)
        if tune {
            let start = ContinuousClock.now
            options.tuning = TuningBudget(seconds: tuneMinutes * 60, keepsDimension: factors.dimension != nil) {
                (ContinuousClock.now - start) / .seconds(1)
            }
        }
        if tasteOnly { options.weights = .tasteOnly }
        options.checkpoint = TrainingCheckpoint(folder: stores.data + "/training")
        let store = try await stores.open(.bulk)
        let logged = try await store.takeLoggedEvents()
        if logged > 0 { print("\(logged) events of the server were taken into the history") }
        let reading = ProgressReporter(label: "read", unit: "events")
        let trainingData = try await store.trainingData { done, total in
            reading.update(Int64(done), fraction: Double(done) / Double(max(1, total)))
        }
        guard trainingData.builder.eventCount > 0 else {
            throw CannotGoOn("\(stores.data) holds no events: load some with rec-ingest FILE --data \(stores.data)")
        }
        reading.finish(Int64(trainingData.builder.eventCount))
        let created = Timestamp(milliseconds: Int64(Date().timeIntervalSince1970 * 1000))
        let steps = TrainingProgress()
        if judgeWeeks > 0 {
            var judged = options
            judged.checkpoint = nil
            let (report, _) = try await trainingData.evaluate(judged, days: 7, folds: judgeWeeks, created: created) {
                steps.report($0)
            }
            (options.metrics, options.judgement) = (report.rows[0].metrics, report.judgement(days: 7))
            print(report.shortTable)
        }
        let version = ModelVersion(at: created)
        let snapshot = try await trainingData.train(options, version: version, created: created) { steps.report($0) }
        try await store.models.publish(snapshot)
        options.checkpoint?.remove()
        print(snapshot.summary)
    }
}
