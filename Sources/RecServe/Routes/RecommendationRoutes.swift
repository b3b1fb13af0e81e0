// Routes that answer with lists of items.
import HTTPTypes
import Hummingbird
import RecCore

struct RecommendationRoutes: Sendable {
    let surroundings: Surroundings
    private var engine: RecommendationEngine { surroundings.engine }
    private var limits: ServerConfiguration { surroundings.configuration }

    private static let list = Endpoint.Answer(
        status: 200, text: "a list", schema: Schemas.reference("Recommendations"))
    private static let limit = Endpoint.Parameter(
        name: "limit", text: "most items",
        schema: ["type": "integer", "minimum": 1, "maximum": .integer(RecommendationRequest.maximumLimit)])

    var endpoints: [Endpoint] { [one, many, ofUser, similar] }

    private var one: Endpoint {
        Endpoint(
            method: .post, path: "/v1/recommendations",
            summary: "items for a user, a basket or a session; see mode, items, recent_events, filter, boosts",
            scope: .recommend, body: Schemas.reference("RecommendationRequest"), answers: [Self.list], problems: [409]
        ) { request, context in
            let body = try await request.body.collect(upTo: limits.bodyBytes)
            let wire = try JSONReading.decode(RecommendationRequestWire.self, from: body)
            var wanted = try wire.request(now: surroundings.now(), limits: limits)
            wanted.requestID = context.requestID
            return try await answer(to: wanted)
        }
    }

    private var many: Endpoint {
        Endpoint(
            method: .post, path: "/v1/recommendations/batch",
            summary:
                "several lists at once, each answered by itself; one that is not valid refuses the batch; at most \(limits.eventsPerBatch)",
            scope: .recommend, body: Schemas.reference("BatchRequest"),
            answers: [.init(status: 200, text: "as many answers", schema: Schemas.reference("BatchAnswer"))]
        ) { request, context in
            let body = try await request.body.collect(upTo: limits.bodyBytes)
            let wire = try JSONReading.decode(BatchRequestWire.self, from: body)
            let now = surroundings.now()
            let requests = try wire.requests(now: now, limits: limits).enumerated().map { place, wanted in
                var wanted = wanted
                wanted.requestID = "\(context.requestID)/\(place)"
                return NamedRequest(id: surroundings.makeID(), wanted)
            }
            let start = ContinuousClock.now
            let answers = await engine.recommend(requests, now: now)
            let duration = (ContinuousClock.now - start) / max(1, answers.count)
            for case .success(let slate) in answers { surroundings.metrics.recommended(slate, in: duration) }
            var response = Response.json(BatchAnswerWire(answers, now: now, requestID: context.requestID))
            response.headers[.cacheControl] = "no-store"
            return response
        }
    }

    private var ofUser: Endpoint {
        Endpoint(
            method: .get, path: "/v1/users/{id}/recommendations",
            summary:
                "items for a user; ?mode= &limit= &items=a,b &session= &model_version= &explain=true &policy= &seed=",
            scope: .recommend,
            parameters: [
                .init(
                    name: "mode", text: "how to look for items",
                    schema: [
                        "type": "string", "enum": .array(RecommendationMode.allCases.map { .string($0.rawValue) }),
                    ]),
                Self.limit,
                .init(
                    name: "items", text: "context items, separated by commas; many of them go into a POST",
                    schema: ["type": "string", "maxLength": 200]),
                .init(
                    name: "session", text: "the visit", schema: ["type": "string", "minLength": 1, "maxLength": 100]),
                .init(
                    name: "model_version", text: "the version that must answer",
                    schema: ["type": "string", "pattern": "^[a-z0-9][a-z0-9._-]{0,63}$"]),
                .init(
                    name: "explain", text: "what each score is made of",
                    schema: ["type": "string", "enum": ["true", "false"]]),
                .init(
                    name: "policy", text: "how the list is drawn: \(PolicyChoice.grammar)",
                    schema: ["type": "string", "minLength": 1, "maxLength": 400]),
                .init(
                    name: "seed",
                    text:
                        "changes the luck of a stochastic policy; a list repeats only with the same X-Request-ID. The answer's own seed is that of the slate, for the log",
                    schema: ["type": "integer", "minimum": 0, "maximum": .integer(Int.max)]),
            ], answers: [Self.list], problems: [409]
        ) { request, context in
            let user = try context.identifier("id")
            let query = try QueryParameters(
                request.uri.query,
                allowed: ["mode", "limit", "items", "session", "model_version", "explain", "policy", "seed"])
            let items = try query.list("items", limit: limits.contextItems)
            var wanted = RecommendationRequest(
                user: UserID(user), mode: try query.mode(), items: items.map { ItemID($0) },
                limit: try query.limit("limit"))
            wanted.session = try query.session()
            wanted.model = try query.model()
            wanted.explain = try query.explain()
            wanted.requestID = context.requestID
            wanted.policy = try query.policy()
            wanted.seed = try query.seed()
            return try await answer(to: wanted)
        }
    }

    private var similar: Endpoint {
        Endpoint(
            method: .get, path: "/v1/items/{id}/similar", summary: "items like this one; ?limit=", scope: .recommend,
            parameters: [Self.limit], answers: [Self.list]
        ) { request, context in
            let item = try context.identifier("id")
            let query = try QueryParameters(request.uri.query, allowed: ["limit"])
            return try await answer(
                to: RecommendationRequest(
                    mode: .similarity, items: [ItemID(item)], limit: try query.limit("limit")))
        }
    }

    private func answer(to request: RecommendationRequest) async throws -> Response {
        let now = surroundings.now()
        let start = ContinuousClock.now
        let slate = try await surroundings.recommend(request, now: now)
        let body = ResponseBody(byteBuffer: RecommendationsWire(slate, now: now).text)
        var headers: HTTPFields = [.contentType: "application/json"]
        if limits.showsPage {
            let milliseconds = (ContinuousClock.now - start) / .milliseconds(1)
            headers[.serverTiming] = "total;dur=\((milliseconds * 100).rounded() / 100)"
        }
        return Response(status: .ok, headers: headers, body: body).ofThisMoment(degraded: slate.degraded)
    }
}

extension Surroundings {
    /// An answer, counted.
    func recommend(_ request: RecommendationRequest, now: Timestamp) async throws(RecommendationError)
        -> Recommendations
    {
        let start = ContinuousClock.now
        let slate = try await engine.recommend(request, id: makeID(), now: now)
        metrics.recommended(slate, in: ContinuousClock.now - start)
        return slate
    }
}

extension Response {
    /// A list, which is one person's and of this moment.
    static func recommendations(_ body: some Encodable, degraded: [String]) -> Response {
        Response.json(body).ofThisMoment(degraded: degraded)
    }

    /// The same answer, kept by nobody, with what it had to do without.
    fileprivate func ofThisMoment(degraded: [String]) -> Response {
        var response = self
        response.headers[.cacheControl] = "no-store"
        if !degraded.isEmpty { response.headers[.degraded] = degraded.joined(separator: ", ") }
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

    fileprivate func session() throws(Problem) -> UserID? {
        guard let text = self["session"] else { return nil }
        if let fault = text.isEmpty ? "is empty" : IdentifierRule.fault("session:" + text) {
            throw .invalid(fault, parameter: "session")
        }
        return UserID(session: text)
    }

    fileprivate func model() throws(Problem) -> ModelVersion? {
        guard let text = self["model_version"] else { return nil }
        guard let version = ModelVersion(text) else {
            throw .invalid("is not the name of a version", parameter: "model_version")
        }
        return version
    }

    fileprivate func policy() throws(Problem) -> PolicyChoice? {
        guard let given = self["policy"] else { return nil }
        // A plus sign in a query is a space: outside brackets both are the sign.
        var depth = 0
        let text = String(
            given.map { letter -> Character in
                if letter == "(" { depth += 1 } else if letter == ")" { depth -= 1 }
                return letter == " " && depth == 0 ? "+" : letter
            })
        do throws(InvalidPolicy) { return try PolicyChoice(text) } catch {
            throw .invalid("\(error.reason); it is \(PolicyChoice.grammar)", parameter: "policy")
        }
    }

    fileprivate func seed() throws(Problem) -> UInt64 {
        guard let text = self["seed"] else { return 0 }
        guard let seed = Int64(text), seed >= 0 else {
            throw .invalid("is not a whole number from 0 to \(Int64.max)", parameter: "seed")
        }
        return UInt64(seed)
    }

    fileprivate func explain() throws(Problem) -> Bool {
        switch self["explain"] {
        case nil, "false": return false
        case "true": return true
        default: throw .invalid("is neither true nor false", parameter: "explain")
        }
    }

    /// A number of items from 1 to the most that a list may have; without one 12.
    func limit(_ name: String) throws(Problem) -> Int {
        guard let text = self[name] else { return RecommendationRequest().limit }
        guard let limit = Int(text), (1...RecommendationRequest.maximumLimit).contains(limit) else {
            throw .invalid(
                "is not a whole number from 1 to \(RecommendationRequest.maximumLimit)", parameter: name)
        }
        return limit
    }
}
