// Lists for many users at once, by the model in service.
import RecCore
import RecFiles
import RecStores

/// `rec-evaluate --recommendations`: what the server would show, for a list of users or all of them.
struct RecommendAll {
    let data: String
    let users: String?
    let top: Int
    let candidates: String?
    let own: String?

    func write(_ path: String, _ store: Stores) async throws {
        let engine = store.engine()
        try await engine.reload()
        guard let (snapshot, closed) = engine.inService else {
            throw CannotGoOn("\(data) holds no model: train one with rec-train --data \(data)")
        }
        let file = RecommendationFile(snapshot: snapshot, closed: closed)
        let names =
            try users.map { try RecommendationFile.column("user_id", of: $0) }
            ?? (0..<snapshot.history.users.count).map { snapshot.history.users.name(of: $0) }
        let shared = try candidates.map { try file.candidates(of: $0) }
        let own = try own.map { try file.candidatesPerUser(of: $0) }
        try await file.written(
            to: path, users: names, count: top, allowed: { user in own.map { $0[user] ?? [] } ?? shared },
            progress: ProgressReporter(label: "recommend", unit: "users"))
        print("\(names.count) lists of up to \(top) items by model \(snapshot.version): \(path)")
    }
}
