// Routes under which clients of gorse (gorse.io) find what they ask for, so that they can change over by changing an address.
import HTTPTypes
import Hummingbird
import RecCore

/// The main routes of gorse 0.5: recommendations, sessions, similar items, feedback, items and users. Names of fields are gorse's.
///
/// What differs: feedback types are lower-cased and become kinds of events; labels and categories of items become attributes of the
/// catalogue (see ``GorseItem``) and come back as such; one `category` at a time; `/api/latest` and every `/api/non-personalized/NAME` give
/// what sells now; errors are problem+json; `write-back-delay` is refused.
struct GorseRoutes: Sendable {
    let surroundings: Surroundings
    private var engine: RecommendationEngine { surroundings.engine }
    private var limits: ServerConfiguration { surroundings.configuration }

    var endpoints: [Endpoint] {
        lists + [feedback(.post), feedback(.put)] + items + users
    }

    private static let scored = Endpoint.Answer(
        status: 200, text: "ids with scores", schema: ["type": "array", "items": ["type": "object"]])
    private static let affected = Endpoint.Answer(
        status: 200, text: "how many rows", schema: Schemas.answer(["RowAffected": ["type": "integer"]]))
    private static let found = Endpoint.Answer(status: 200, text: "what is kept of it", schema: ["type": "object"])
    private static let counts: [Endpoint.Parameter] = [
        .init(name: "n", text: "most items", schema: ["type": "integer", "minimum": 1, "maximum": 200]),
        .init(name: "offset", text: "items to leave out first", schema: ["type": "integer", "minimum": 0]),
    ]
    private static func list(_ name: String) -> JSONValue {
        ["type": "array", "minItems": 1, "items": Schemas.reference(name)]
    }
    private static let category = Endpoint.Parameter(
        name: "category", text: "the category that items must have",
        schema: ["type": "string", "maxLength": 100])

    // MARK: Lists

    private var lists: [Endpoint] {
        [
            Endpoint(
                method: .get, path: "/api/recommend/{user}", summary: "gorse: ids for a user; ?n= &offset= &category=",
                scope: .recommend,
                parameters: Self.counts + [
                    Self.category,
                    .init(
                        name: "write-back-type", text: "feedback to note for what is shown",
                        schema: ["type": "string", "pattern": "^[A-Za-z0-9_-]{1,32}$"]),
                ],
                answers: [
                    .init(
                        status: 200, text: "ids; with X-API-Version: 2 ids with scores",
                        schema: ["type": "array", "items": [:]])
                ]
            ) { request, context in
                let user = UserID(try context.identifier("user"))
                let query = try QueryParameters(
                    request.uri.query, allowed: ["n", "offset", "category", "write-back-type"])
                let noted = try kindToNote(query)
                // Noting is writing: whoever may ask only for lists may not do it.
                if noted != nil, limits.keys != nil { try context.require(.events) }
                let slate = try await slate(RecommendationRequest(user: user), query)
                var degraded = slate.degraded
                if let noted, request.method != .head, await !isNoted(slate.items, as: noted, for: user) {
                    degraded.append("events")
                }
                if request.headers[.apiVersion] == "2" { return .recommendations(scored(slate), degraded: degraded) }
                return .recommendations(slate.items.map(\.item.rawValue), degraded: degraded)
            },
            Endpoint(
                method: .post, path: "/api/session/recommend",
                summary: "gorse: items after the feedback of a visit; ?n=",
                scope: .recommend, parameters: Self.counts + [Self.category],
                body: Self.list("GorseFeedback"), answers: [Self.scored]
            ) { request, _ in
                let query = try QueryParameters(request.uri.query, allowed: ["n", "offset", "category"])
                var wanted = RecommendationRequest()
                wanted.recentEvents = try await feedback(in: request, visitor: UserID("anonymous"))
                return try await list(wanted, query)
            },
            similar("/api/item-to-item/{name}/{item}"), similar("/api/item/{item}/neighbors"),
            popular("/api/popular"), popular("/api/latest"), popular("/api/non-personalized/{name}"),
        ]
    }

    private func similar(_ path: String) -> Endpoint {
        Endpoint(
            method: .get, path: path, summary: "gorse: similar items; ?n=", scope: .recommend,
            parameters: Self.counts + [Self.category], answers: [Self.scored]
        ) { request, context in
            let item = ItemID(try context.identifier("item"))
            let query = try QueryParameters(request.uri.query, allowed: ["n", "offset", "category"])
            return try await list(RecommendationRequest(mode: .similarity, items: [item]), query)
        }
    }

    private func popular(_ path: String) -> Endpoint {
        Endpoint(
            method: .get, path: path, summary: "gorse: what sells now; ?n=", scope: .recommend,
            parameters: Self.counts + [Self.category], answers: [Self.scored]
        ) { request, _ in
            let query = try QueryParameters(request.uri.query, allowed: ["n", "offset", "category"])
            return try await list(RecommendationRequest(mode: .coldStart), query)
        }
    }

    private func list(_ request: RecommendationRequest, _ query: QueryParameters) async throws -> Response {
        let slate = try await slate(request, query)
        return .recommendations(scored(slate), degraded: slate.degraded)
    }

    private func slate(_ request: RecommendationRequest, _ query: QueryParameters) async throws -> Recommendations {
        var request = request
        request.limit = query["n"] == nil ? 10 : try query.limit("n")
        request.offset = try query.offset()
        // These clients name no request, and their pages have to fit together.
        request.policy = .fixed(.greedy)
        if let category = query["category"] { request.filter = .has(field: GorseItem.field(category: category)) }
        return try await surroundings.recommend(request, now: surroundings.now())
    }

    private func scored(_ slate: Recommendations) -> [GorseScore] {
        slate.items.map { GorseScore(id: $0.item.rawValue, score: $0.score) }
    }

    private func kindToNote(_ query: QueryParameters) throws(Problem) -> InteractionKind? {
        guard let type = query["write-back-type"] else { return nil }
        guard let kind = InteractionKind(type.lowercased()) else {
            throw .invalid("is not 1 to 32 letters, digits, underscores or dashes", parameter: "write-back-type")
        }
        return kind
    }

    /// Notes what is shown as feedback. A log that is away does not cost the list.
    private func isNoted(_ items: [RecommendedItem], as kind: InteractionKind, for user: UserID) async -> Bool {
        let now = surroundings.now()
        let interactions = items.compactMap {
            try? Interaction(
                event: EventID(surroundings.makeID()), user: user, item: $0.item, kind: kind, timestamp: now)
        }
        do {
            try await surroundings.record(interactions)
            return true
        } catch {
            surroundings.failures.note(error, code: "write_back", now: now)
            return false
        }
    }

    // MARK: Feedback

    private func feedback(_ method: HTTPRequest.Method) -> Endpoint {
        Endpoint(
            method: method, path: "/api/feedback", summary: "gorse: what users did", scope: .events,
            body: Self.list("GorseFeedback"), answers: [Self.affected], problems: [409, 422]
        ) { request, _ in
            let interactions = try await feedback(in: request)
            try await surroundings.record(interactions)
            return .json(GorseAffected(rows: interactions.count))
        }
    }

    private func feedback(in request: Request, visitor: UserID? = nil) async throws -> [Interaction] {
        let body = try await request.body.collect(upTo: limits.bodyBytes)
        let list = try JSONReading.decodeList(GorseFeedback.self, from: body, atMost: limits.eventsPerBatch)
        var interactions: [Interaction] = []
        var faults: [Fault] = []
        for (place, feedback) in list.enumerated() {
            do throws(InvalidInteraction) {
                interactions.append(try feedback.interaction(now: surroundings.now(), visitor: visitor))
            } catch {
                faults.append(Fault(pointer: "/\(place)/\(GorseFeedback.field(error.field))", detail: error.reason))
            }
        }
        guard faults.isEmpty else { throw Problem.invalid(faults) }
        return interactions
    }

    // MARK: Items and users

    private var items: [Endpoint] {
        [
            Endpoint(
                method: .post, path: "/api/item", summary: "gorse: add or replace an item", scope: .catalogue,
                body: Schemas.reference("GorseItem"), answers: [Self.affected], problems: [422]
            ) { request, context in
                let body = try await request.body.collect(upTo: limits.bodyBytes)
                return try await write([try JSONReading.decode(GorseItem.self, from: body)], isList: false, context)
            },
            Endpoint(
                method: .post, path: "/api/items", summary: "gorse: add or replace items", scope: .catalogue,
                body: Self.list("GorseItem"), answers: [Self.affected], problems: [422]
            ) { request, context in
                let body = try await request.body.collect(upTo: limits.bodyBytes)
                let list = try JSONReading.decodeList(GorseItem.self, from: body, atMost: limits.eventsPerBatch)
                return try await write(list, isList: true, context)
            },
            Endpoint(
                method: .get, path: "/api/item/{item}", summary: "gorse: an item", scope: .recommend,
                answers: [Self.found], problems: [404]
            ) { _, context in
                guard let item = try await engine.item(ItemID(try context.identifier("item"))) else {
                    throw Problem.noItem
                }
                return .json(GorseItem(item))
            },
            Endpoint(
                method: .patch, path: "/api/item/{item}", summary: "gorse: change parts of an item, such as IsHidden",
                scope: .catalogue, body: Schemas.reference("GorsePatch"), answers: [Self.affected],
                problems: [404, 422]
            ) { request, context in
                let id = try context.identifier("item")
                let body = try await request.body.collect(upTo: limits.bodyBytes)
                let change = try JSONReading.decode(GorseItem.Patch.self, from: body)
                guard let item = try await engine.item(ItemID(id)) else { throw Problem.noItem }
                return try await write([GorseItem(item).applying(change)], isList: false, context)
            },
            Endpoint(
                method: .delete, path: "/api/item/{item}", summary: "gorse: remove an item", scope: .catalogue,
                answers: [Self.affected]
            ) { _, context in
                let item = ItemID(try context.identifier("item"))
                try await context.noting("catalog.remove", count: 1) { try await engine.removeItems([item]) }
                return .json(GorseAffected(rows: 1))
            },
        ]
    }

    private func write(_ items: [GorseItem], isList: Bool, _ context: ServeContext) async throws -> Response {
        let faults = items.enumerated().flatMap { place, item in
            CatalogRule.faults(id: item.itemID, attributes: item.attributes).map { fault in
                let field = fault.field == "id" ? "ItemId" : "Labels"
                return Fault(pointer: isList ? "/\(place)/\(field)" : "/\(field)", detail: fault.reason)
            }
        }
        guard faults.isEmpty else { throw Problem.invalid(faults) }
        try await context.noting("catalog.upsert", count: items.count) {
            try await engine.upsertItems(items.map(\.catalogItem))
        }
        return .json(GorseAffected(rows: items.count))
    }

    private var users: [Endpoint] {
        [
            Endpoint(
                method: .post, path: "/api/user", summary: "gorse: add or replace a user", scope: .catalogue,
                body: Schemas.reference("GorseUser"), answers: [Self.affected], problems: [422]
            ) { request, context in
                let body = try await request.body.collect(upTo: limits.bodyBytes)
                let user = try JSONReading.decode(GorseUser.self, from: body)
                if let fault = CatalogRule.faults(id: user.userID, attributes: user.attributes).first {
                    throw Problem.invalid(fault.reason, pointer: fault.field == "id" ? "/UserId" : "/Labels")
                }
                let profile = UserProfile(id: UserID(user.userID), attributes: user.attributes)
                try await context.noting("users.upsert", count: 1) { try await engine.upsertUsers([profile]) }
                return .json(GorseAffected(rows: 1))
            },
            Endpoint(
                method: .get, path: "/api/user/{user}", summary: "gorse: a user", scope: .recommend,
                answers: [Self.found], problems: [404]
            ) { _, context in
                guard let profile = try await engine.profile(of: UserID(try context.identifier("user"))) else {
                    throw Problem(status: .notFound, code: "no_user", detail: "no such user is known")
                }
                var response = Response.json(GorseUser(profile))
                response.headers[.cacheControl] = "no-store"
                return response
            },
            Endpoint(
                method: .delete, path: "/api/user/{user}", summary: "gorse: forget what is known of a user",
                scope: .catalogue, answers: [Self.affected]
            ) { _, context in
                let user = UserID(try context.identifier("user"))
                try await context.noting("users.remove", count: 1) { try await engine.removeUsers([user]) }
                return .json(GorseAffected(rows: 1))
            },
        ]
    }
}

extension HTTPField.Name {
    fileprivate static let apiVersion = known("X-API-Version")
}

extension QueryParameters {
    fileprivate func offset() throws(Problem) -> Int {
        guard let text = self["offset"] else { return 0 }
        guard let offset = Int(text), (0..<RecommendationRequest.maximumLimit).contains(offset) else {
            throw .invalid(
                "is not a whole number from 0 to \(RecommendationRequest.maximumLimit - 1)", parameter: "offset")
        }
        return offset
    }
}
