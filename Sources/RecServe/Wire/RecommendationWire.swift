// Requests for recommendations, and their answers, as JSON.
import Hummingbird
import NIOCore
import RecCore

/// The body of `POST /v1/recommendations`. Every field may be left out.
struct RecommendationRequestWire: Decodable {
    private let user: String?
    private let session: String?
    private let attributes: [String: String]?
    private let filter: FilterWire?
    private let boosts: [BoostWire]
    private let modelVersion: String?
    private let mode: String?
    private let items: [String]
    private let recentEvents: EventListWire?
    private let excludeItems: [String]
    private let allowSeen: Bool?
    private let limit: Int?
    private let explain: Bool?
    private let policy: String?
    private let seed: Int64?

    private enum CodingKeys: String, CodingKey, CaseIterable {
        case user, session, attributes, filter, boosts, mode, items, limit, explain, policy, seed
        case modelVersion = "model_version"
        case recentEvents = "recent_events"
        case excludeItems = "exclude_items"
        case allowSeen = "allow_seen"
    }

    init(from decoder: any Decoder) throws {
        let fields = try decoder.fields(CodingKeys.self)
        user = try fields.optional(String.self, .user)
        session = try fields.optional(String.self, .session)
        attributes = try fields.optional([String: String].self, .attributes)
        filter = try fields.optional(FilterWire.self, .filter)
        boosts = try fields.optional([BoostWire].self, .boosts) ?? []
        modelVersion = try fields.optional(String.self, .modelVersion)
        mode = try fields.optional(String.self, .mode)
        items = try fields.optional([String].self, .items) ?? []
        recentEvents = try fields.optional(EventListWire.self, .recentEvents)
        excludeItems = try fields.optional([String].self, .excludeItems) ?? []
        allowSeen = try fields.optional(Bool.self, .allowSeen)
        limit = try fields.optional(Int.self, .limit)
        explain = try fields.optional(Bool.self, .explain)
        policy = try fields.optional(String.self, .policy)
        seed = try fields.optional(Int64.self, .seed)
    }

    private static let mostBoosts = 20

    /// The request, or every fault of it.
    func request(now: Timestamp, limits: ServerConfiguration) throws(Problem) -> RecommendationRequest {
        var request = RecommendationRequest()
        var faults: [Fault] = []
        func check(_ ids: [String], _ name: String, atMost limit: Int) {
            if ids.count > limit { faults.append(Fault(pointer: "/\(name)", detail: "has more than \(limit) ids")) }
            for (index, id) in ids.enumerated() {
                guard let fault = IdentifierRule.fault(id) else { continue }
                faults.append(Fault(pointer: "/\(name)/\(index)", detail: fault))
            }
        }
        if let user {
            request.user = UserID(user)
            if let fault = IdentifierRule.fault(user) { faults.append(Fault(pointer: "/user", detail: fault)) }
        }
        if let session {
            request.session = UserID(session: session)
            if let fault = session.isEmpty ? "is empty" : IdentifierRule.fault("session:" + session) {
                faults.append(Fault(pointer: "/session", detail: fault))
            }
        }
        if let modelVersion {
            request.model = ModelVersion(modelVersion)
            if request.model == nil {
                faults.append(Fault(pointer: "/model_version", detail: "is not the name of a version"))
            }
        }
        if boosts.count > Self.mostBoosts {
            faults.append(Fault(pointer: "/boosts", detail: "has more than \(Self.mostBoosts) boosts"))
        }
        let conditions = boosts.reduce(filter?.filter.conditions ?? 0) { $0 + $1.boost.filter.conditions }
        if conditions > FilterWire.mostConditions {
            faults.append(
                Fault(
                    pointer: "/boosts", detail: "and the filter have more than \(FilterWire.mostConditions) conditions")
            )
        }
        (request.attributes, request.filter, request.boosts) = (attributes, filter?.filter, boosts.map(\.boost))
        if let mode {
            if let known = RecommendationMode(rawValue: mode) {
                request.mode = known
            } else {
                faults.append(Fault(pointer: "/mode", detail: "is none of \(RecommendationMode.allNames)"))
            }
        }
        if let limit {
            request.limit = limit
            if !(1...RecommendationRequest.maximumLimit).contains(limit) {
                faults.append(
                    Fault(
                        pointer: "/limit",
                        detail: "is not a whole number from 1 to \(RecommendationRequest.maximumLimit)"))
            }
        }
        check(items, "items", atMost: limits.contextItems)
        check(excludeItems, "exclude_items", atMost: limits.excludedItems)
        request.items = items.map { ItemID($0) }
        request.excluding = Set(excludeItems.map { ItemID($0) })
        request.allowSeen = allowSeen
        request.explain = explain ?? false
        if let policy {
            do throws(InvalidPolicy) { request.policy = try PolicyChoice(policy) } catch {
                faults.append(Fault(pointer: "/policy", detail: "\(error.reason); it is \(PolicyChoice.grammar)"))
            }
        }
        if let seed {
            request.seed = UInt64(bitPattern: seed)
            if seed < 0 { faults.append(Fault(pointer: "/seed", detail: "is below 0")) }
        }
        if let recentEvents {
            // A visitor without a name has events all the same; the name here is never stored.
            let visitor = request.user ?? UserID("anonymous")
            var number = 0
            do throws(Problem) {
                request.recentEvents = try recentEvents.interactions(
                    user: visitor, now: now, atMost: limits.contextItems,
                    makeID: {
                        number += 1
                        return "recent-\(number)"
                    })
            } catch {
                faults += error.faults
            }
        }
        guard faults.isEmpty else { throw .invalid(faults) }
        return request
    }
}

/// The answer to a request for recommendations.
struct RecommendationsWire: Encodable {
    private let recommendationID: String
    private let modelVersion: String
    private let mode: String
    private let policy: String
    /// As text: the numbers of many readers of JSON end at 2^53.
    private let seed: String?
    private let items: [Item]
    private let variant: String?
    private let window: Window?
    private let isFallback: Bool
    private let unknownItems: [String]
    private let degraded: [String]

    private enum CodingKeys: String, CodingKey {
        case recommendationID = "recommendation_id"
        case modelVersion = "model_version"
        case mode, policy, seed, variant, window, items
        case isFallback = "fallback"
        case unknownItems = "unknown_items"
        case degraded
    }

    private struct Item: Encodable {
        let id: String
        let score: Double
        let rank: Int
        let propensity: Double
        let reason: String
        let explanation: ExplanationWire?
    }

    /// How fresh the answer's knowledge of the user is.
    private struct Window: Encodable {
        let events: Int
        let newest: String?
        let age: Int64?
        enum CodingKeys: String, CodingKey {
            case events, newest
            case age = "age_ms"
        }
    }

    init(_ slate: Recommendations, now: Timestamp) {
        variant = slate.variant
        window = slate.window.map { window in
            Window(
                events: window.events, newest: window.newest?.iso8601,
                age: window.newest.map { max(0, now.milliseconds - $0.milliseconds) })
        }
        (recommendationID, modelVersion) = (slate.id, slate.modelVersion.rawValue)
        (mode, policy, seed) = (slate.mode.rawValue, slate.policy, slate.seed.map { String($0) })
        items = slate.items.map {
            Item(
                id: $0.item.rawValue, score: $0.score, rank: $0.rank, propensity: $0.propensity, reason: $0.reason,
                explanation: $0.explanation.map(ExplanationWire.init))
        }
        (isFallback, unknownItems) = (slate.isFallback, slate.unknownItems.map(\.rawValue))
        degraded = slate.degraded
    }
}

extension RecommendationsWire {
    /// What the general encoder gives, byte for byte, in a tenth of its time.
    var text: ByteBuffer {
        var text = JSONText(capacity: 256 + items.count * 128)
        text.raw(#"{"degraded":"#)
        text.list(degraded) { $0.string($1) }
        text.raw(isFallback ? #","fallback":true,"items":"# : #","fallback":false,"items":"#)
        text.list(items) { text, item in
            text.raw("{")
            if let explanation = item.explanation {
                text.raw(#""explanation":"#)
                text.raw(Response.encoded(explanation))
                text.raw(",")
            }
            text.raw(#""id":"#)
            text.string(item.id)
            text.raw(#","propensity":"#)
            text.number(item.propensity)
            text.raw(#","rank":"#)
            text.number(Int64(item.rank))
            text.raw(#","reason":"#)
            text.string(item.reason)
            text.raw(#","score":"#)
            text.number(item.score)
            text.raw("}")
        }
        text.raw(#","mode":"#)
        text.string(mode)
        text.raw(#","model_version":"#)
        text.string(modelVersion)
        text.raw(#","policy":"#)
        text.string(policy)
        text.raw(#","recommendation_id":"#)
        text.string(recommendationID)
        if let seed {
            text.raw(#","seed":"#)
            text.string(seed)
        }
        text.raw(#","unknown_items":"#)
        text.list(unknownItems) { $0.string($1) }
        if let variant {
            text.raw(#","variant":"#)
            text.string(variant)
        }
        if let window {
            text.raw(#","window":{"#)
            if let age = window.age {
                text.raw(#""age_ms":"#)
                text.number(age)
                text.raw(",")
            }
            text.raw(#""events":"#)
            text.number(Int64(window.events))
            if let newest = window.newest {
                text.raw(#","newest":"#)
                text.string(newest)
            }
            text.raw("}")
        }
        text.raw("}")
        return text.buffer
    }
}
