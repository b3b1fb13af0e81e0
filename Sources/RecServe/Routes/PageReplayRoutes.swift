// The replay of history that the web page starts, watches and stops.
import HTTPTypes
import Hummingbird
import RecCore

struct PageReplayRoutes: Sendable {
    /// `nil` = the stores of this server do not allow one.
    let replay: WatchedReplay?
    let browser: CatalogueBrowser

    private static let path = "/page/data/replay"

    var endpoints: [Endpoint] {
        [
            Endpoint(
                method: .get, path: Self.path, summary: "how a replay of history goes", scope: .recommend,
                isListed: false
            ) { _, _ in try await answer(await replay?.figures()) },
            Endpoint(
                method: .post, path: Self.path, summary: "start a replay of history, or change its speed",
                scope: .admin, isListed: false
            ) { request, context in
                let body = try await request.body.collect(upTo: 1024)
                let wanted = try JSONReading.decode(ReplayRequestWire.self, from: body)
                let (replay, speed) = (try available, try wanted.speed())
                return try await answer(
                    try await context.noting("replay.start") { try await replay.start(speed: speed) })
            },
            Endpoint(
                method: .delete, path: Self.path, summary: "stop the replay", scope: .admin, isListed: false
            ) { _, context in
                let replay = try available
                try await context.noting("replay.stop") { await replay.stop() }
                return try await answer(await replay.figures())
            },
        ]
    }

    private var available: WatchedReplay {
        get throws(Problem) {
            guard let replay else {
                throw Problem(
                    status: .conflict, code: "no_replay",
                    detail:
                        "this server's events go through Kafka: use rec-replay and rec-process"
                )
            }
            return replay
        }
    }

    private func answer(_ view: ReplayView?) async throws -> Response {
        var names: [ItemID: String] = [:]
        if let recent = view?.recent, !recent.isEmpty {
            for card in (try? await browser.cards(recent.map(\.item))) ?? [] { names[card.id] = card.name }
        }
        var response = Response.json(ReplayWire(view, names: names))
        response.headers[.cacheControl] = "no-store"
        return response
    }
}
