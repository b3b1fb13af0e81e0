// Judges a model on reserved days next to baselines, or writes recommendations for a list of users.
import ArgumentParser
import Foundation
import RecCore
import RecFiles
import RecStores

struct Judge: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract:
            "Judge a model on reserved days, next to baselines; or write recommendations. Done when no other is named.",
        discussion: """
            Without --recommendations: trains on all but the last days of the history and ranks the whole catalogue for every
            user of these days. With it: ranks by the current model of the data folder, for the users of --users.
            """)

    @OptionGroup var stores: StoreOptions
    @Option(help: "Days to reserve.") var days = 7.0
    @Option(help: "Windows of so many days to judge, one behind the other, each by a model of what came before it.")
    var folds = 1
    @Option(help: "Factors.") var dimension = 64
    @Flag(help: "Take the settings of the factorisation from the data folder's current model, such as a tuned one.")
    var likeModel = false
    @Flag(help: "Look for better settings on what came before the reserved days, as rec-train --tune does.")
    var tune = false
    @Option(help: "Minutes that --tune may take for each window.") var tuneMinutes = 10.0
    @Option(help: "Write a page with plots to this file.") var html: String?
    @Flag(
        inversion: .prefixedNo,
        help: "Whether items of a user's past may be recommended again; by default as the data show.")
    var repeats: Bool?
    @Flag(help: "Print JSON instead of a table.") var json = false
    @Option(help: "Write user_id,prediction to this file.") var recommendations: String?
    @Option(help: "CSV with a column user_id: for whom to recommend; by default all users of the model.") var users:
        String?
    @Option(help: "Items a user.") var top = 12
    @Option(help: "CSV with a column item_id: recommend these items only.") var candidates: String?
    @Option(help: "CSV with columns user_id and items (separated by spaces): each user's only candidates.")
    var candidatesPerUser: String?

    func validate() throws {
        guard (1...52).contains(folds) else { throw ValidationError("--folds must be in 1...52") }
        guard tuneMinutes > 0 else { throw ValidationError("--tune-minutes must be above 0") }
        guard !(tune && likeModel) else { throw ValidationError("--tune and --like-model exclude each other") }
        guard days > 0 else { throw ValidationError("--days must be above 0") }
        guard (1...1000).contains(top) else { throw ValidationError("--top must be in 1...1000") }
        guard recommendations != nil || (users == nil && candidates == nil && candidatesPerUser == nil) else {
            throw ValidationError("--users and --candidates go with --recommendations FILE")
        }
    }

    func run() async throws {
        signal(SIGPIPE, SIG_IGN)
        let store = try await stores.open(.bulk)
        let data = stores.data
        if let recommendations {
            let lists = RecommendAll(data: data, users: users, top: top, candidates: candidates, own: candidatesPerUser)
            return try await lists.write(recommendations, store)
        }
        _ = try await store.takeLoggedEvents()
        let training = try await store.trainingData()
        guard training.builder.eventCount > 0 else {
            throw CannotGoOn("\(data) holds no events: load some with rec-ingest FILE --data \(data)")
        }
        var options = TrainingOptions(als: try ALSConfiguration(dimension: dimension), repeats: repeats)
        var chosenOn: (version: ModelVersion, last: Timestamp)?
        if likeModel {
            guard let version = try await store.models.current() else {
                throw CannotGoOn("\(data) holds no model: train one with rec-train --data \(data)")
            }
            let model = try await store.models.load(version)
            let settings = model.configuration
            (options.als, options.confidence, options.stopsEarly) = (settings.als, settings.confidence, false)
            chosenOn = (version, model.history.lastTime)
        }
        if tune {
            options.tuning = TuningBudget(seconds: tuneMinutes * 60) { Date().timeIntervalSince1970 }
        }
        let steps = TrainingProgress()
        let created = Timestamp(milliseconds: Int64(Date().timeIntervalSince1970 * 1000))
        var (report, snapshot) = try await training.evaluate(options, days: days, folds: folds, created: created) {
            steps.report($0)
        }
        if let chosenOn, let first = report.folds.last?.cut, chosenOn.last >= first {
            report.notes.append(
                "model \(chosenOn.version) chose its settings on days that are judged here, which flatters them; "
                    + "--tune chooses them on earlier days")
        }
        if let html {
            let range = "\(snapshot.history.firstTime.dayText) to \(snapshot.history.lastTime.dayText)"
            try report.page(title: "\(data): learned from \(range)").write(
                toFile: html, atomically: true, encoding: .utf8)
        }
        if json {
            print(try report.json())
        } else {
            print(snapshot.summary)
            print(report.table)
        }
    }
}
