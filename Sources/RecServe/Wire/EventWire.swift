// Events as JSON.
import RecCore

/// One event. `user` and `session` are missing in the recent events of a recommendation request.
struct EventWire: Decodable {
    let eventID: String?
    let user: String?
    /// Whose event it is when no user is named: a visitor's.
    let session: String?
    /// The answer in which the user saw the item.
    let recommendationID: String?
    let item: String
    let kind: String?
    let timestamp: Timestamp?
    let weight: Double?

    enum CodingKeys: String, CodingKey, CaseIterable {
        case eventID = "event_id"
        case recommendationID = "recommendation_id"
        case user, session, item, kind, timestamp, weight
    }

    init(from decoder: any Decoder) throws {
        let fields = try decoder.fields(CodingKeys.self)
        eventID = try fields.optional(String.self, .eventID)
        user = try fields.optional(String.self, .user)
        session = try fields.optional(String.self, .session)
        recommendationID = try fields.optional(String.self, .recommendationID)
        item = try fields.required(String.self, .item)
        kind = try fields.optional(String.self, .kind)
        timestamp = try fields.optional(TimestampWire.self, .timestamp)?.timestamp
        weight = try fields.optional(Double.self, .weight)
    }

    /// How far a client's clock may run ahead.
    static let toleratedAhead: Int64 = 5 * 60 * 1000

    /// - Parameter user: whose event it is, when the event itself does not say.
    func interaction(user given: UserID?, now: Timestamp, makeID: () -> String) throws(InvalidInteraction)
        -> Interaction
    {
        guard let user = user.map({ UserID($0) }) ?? session.map({ UserID(session: $0) }) ?? given else {
            throw InvalidInteraction(field: "user", reason: "is missing, and so is session")
        }
        if session?.isEmpty == true { throw InvalidInteraction(field: "session", reason: "is empty") }
        guard let kind = kind.map({ InteractionKind($0) }) ?? .view else {
            throw InvalidInteraction(
                field: "kind", reason: "is not 1 to 32 lower-case letters, digits, underscores or dashes")
        }
        // A far-off moment would keep a place in the user's window for ever.
        if let timestamp, timestamp.milliseconds > now.milliseconds &+ Self.toleratedAhead {
            throw InvalidInteraction(field: "timestamp", reason: "lies more than 5 minutes in the future")
        }
        let event = EventID(eventID ?? makeID())
        if NamedHistory.isNameOfRow(event) {
            throw InvalidInteraction(
                field: "event id", reason: "is an h and twelve digits, a form that belongs to replays of history")
        }
        return try Interaction(
            event: event, user: user, item: ItemID(item), kind: kind,
            timestamp: timestamp ?? now,
            weight: weight.map { Float($0) } ?? 1, recommendation: recommendationID)
    }
}

/// Where an event is wrong.
enum EventFault {
    /// The JSON name of a field of an interaction.
    static func field(_ name: String) -> String {
        switch name {
        case "event id": "event_id"
        case "recommendation id": "recommendation_id"
        default: name
        }
    }
}

/// A list whose members are read one by one: a bad one is remembered, and the others are read on.
struct EventListWire: Decodable {
    let members: [Result<EventWire, Refused>]
    private let path: String

    /// Why a member is no event; never without a fault.
    struct Refused: Error { let faults: [Fault] }

    private struct Attempt: Decodable {
        let result: Result<EventWire, Refused>
        init(from decoder: any Decoder) throws {
            do {
                result = .success(try EventWire(from: decoder))
            } catch {
                result = .failure(Refused(faults: JSONReading.faults(error, at: decoder.codingPath)))
            }
        }
    }

    init(from decoder: any Decoder) throws {
        path = JSONReading.pointer(decoder.codingPath)
        members = try decoder.singleValueContainer().decode([Attempt].self).map(\.result)
    }

    /// All events, or every fault of every event.
    func interactions(
        user: UserID? = nil, now: Timestamp, atMost limit: Int, makeID: () -> String
    ) throws(Problem) -> [Interaction] {
        guard members.count <= limit else { throw .invalid("has more than \(limit) events", pointer: path) }
        var interactions: [Interaction] = []
        var faults: [Fault] = []
        for (index, member) in members.enumerated() {
            switch member {
            case .failure(let refused): faults += refused.faults
            case .success(let event):
                do throws(InvalidInteraction) {
                    interactions.append(try event.interaction(user: user, now: now, makeID: makeID))
                } catch {
                    faults.append(
                        Fault(pointer: "\(path)/\(index)/\(EventFault.field(error.field))", detail: error.reason))
                }
            }
        }
        guard faults.isEmpty else { throw .invalid(faults) }
        return interactions
    }
}

/// The body of `POST /v1/events`: `{"events": [...]}`, or one event without a list around it.
enum EventsWire: Decodable {
    case one(EventWire)
    case many(EventListWire)

    private enum CodingKeys: String, CodingKey, CaseIterable { case events }

    init(from decoder: any Decoder) throws {
        let isBatch = try decoder.container(keyedBy: FieldName.self).contains(FieldName(stringValue: "events"))
        if isBatch {
            self = .many(try decoder.fields(CodingKeys.self).required(EventListWire.self, .events))
        } else {
            self = .one(try EventWire(from: decoder))
        }
    }

    /// - Parameters:
    ///   - limit: most events of a batch.
    ///   - key: the `Idempotency-Key` of the request: the id of a single event that has none.
    func interactions(
        now: Timestamp, atMost limit: Int, key: String? = nil, makeID: () -> String
    ) throws -> [Interaction] {
        switch self {
        case .one(let event): return [try event.interaction(user: nil, now: now, makeID: { key ?? makeID() })]
        case .many(let list):
            guard !list.members.isEmpty else { throw Problem.invalid("is empty", pointer: "/events") }
            return try list.interactions(now: now, atMost: limit, makeID: makeID)
        }
    }
}

/// The answer to events that were taken.
struct EventsAcceptedWire: Encodable {
    let accepted: Int
    let eventIDs: [String]

    private enum CodingKeys: String, CodingKey {
        case accepted
        case eventIDs = "event_ids"
    }
}

/// A user's last events.
struct WindowWire: Encodable {
    private struct Event: Encodable {
        let eventID: String?
        let item: String
        let kind: String
        let timestamp: String
        let weight: Double
        enum CodingKeys: String, CodingKey {
            case eventID = "event_id"
            case item, kind, timestamp, weight
        }
    }
    private let user: String
    private let events: [Event]

    init(_ user: UserID, _ state: SessionState) {
        self.user = user.rawValue
        events = state.interactions.map {
            Event(
                eventID: $0.event?.rawValue, item: $0.item.rawValue, kind: $0.kind.rawValue,
                timestamp: $0.timestamp.iso8601, weight: Double($0.weight))
        }
    }
}
