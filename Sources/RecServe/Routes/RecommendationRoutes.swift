// Routes that answer with a list of items.
import HTTPTypes
import Hummingbird
import RecCore

struct RecommendationRoutes: Sendable {
    let engine: RecommendationEngine
    let configuration: ServerConfiguration
    let now: @Sendable () -> Timestamp
    let makeID: @Sendable () -> String

    var endpoints: [Endpoint] {
        [
            Endpoint(
                method: .post, path: "/v1/recommendations",
                summary: "items for a user, a basket or a session; see mode, items, recent_events"
            ) { request, _ in
                let wire = try JSONReading.decode(RecommendationRequestWire.self, from: try await body(of: request))
                return try await answer(to: try wire.request(now: now(), limits: configuration))
            },
            Endpoint(
                method: .get, path: "/v1/users/{id}/recommendations",
                summary: "items for a user; ?mode= &limit= &items=a,b &explain=true"
            ) { request, context in
                let user = try context.identifier("id")
                let query = try QueryParameters(request.uri.query, allowed: ["mode", "limit", "items", "explain"])
                let items = try query.list("items", limit: configuration.contextItems)
                var wanted = RecommendationRequest(
                    user: UserID(user), mode: try query.mode(), items: items.map { ItemID($0) },
                    limit: try query.limit())
                wanted.explain = try query.explain()
                return try await answer(to: wanted)
            },
            Endpoint(
                method: .get, path: "/v1/items/{id}/similar", summary: "items like this one; ?limit="
            ) { request, context in
                let item = try context.identifier("id")
                let query = try QueryParameters(request.uri.query, allowed: ["limit"])
                return try await answer(
                    to: RecommendationRequest(mode: .similarity, items: [ItemID(item)], limit: try query.limit()))
            },
        ]
    }

    private func body(of request: Request) async throws -> ByteBuffer {
        try await request.body.collect(upTo: configuration.bodyBytes)
    }

    private func answer(to request: RecommendationRequest) async throws -> Response {
        let slate = try await engine.recommend(request, id: makeID(), now: now())
        var response = Response.json(RecommendationsWire(slate))
        response.headers[.cacheControl] = "no-store"
        if !slate.degraded.isEmpty { response.headers[.degraded] = slate.degraded.joined(separator: ", ") }
        return response
    }
}

extension QueryParameters {
    fileprivate func mode() throws(Problem) -> RecommendationMode {
        guard let text = self["mode"] else { return .auto }
        guard let mode = RecommendationMode(rawValue: text) else {
            throw .invalid("is none of \(RecommendationMode.allNames)", parameter: "mode")
        }
        return mode
    }

    fileprivate func explain() throws(Problem) -> Bool {
        switch self["explain"] {
        case nil, "false": return false
        case "true": return true
        default: throw .invalid("is neither true nor false", parameter: "explain")
        }
    }

    fileprivate func limit() throws(Problem) -> Int {
        guard let text = self["limit"] else { return RecommendationRequest().limit }
        guard let limit = Int(text), (1...RecommendationRequest.maximumLimit).contains(limit) else {
            throw .invalid(
                "is not a whole number from 1 to \(RecommendationRequest.maximumLimit)", parameter: "limit")
        }
        return limit
    }
}
