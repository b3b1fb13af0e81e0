// The named shapes of the OpenAPI document; each is what the wire type of the same name reads or writes.
import RecCore

enum Schemas {
    static func reference(_ name: String) -> JSONValue {
        ["$ref": .string("#/components/schemas/\(name)")]
    }

    static let identifier: JSONValue = ["type": "string", "minLength": 1, "maxLength": 255]
    private static let identifiers: JSONValue = ["type": "array", "items": identifier]
    private static let texts: JSONValue = ["type": "object", "additionalProperties": ["type": "string"]]

    /// A closed object: what is not named is refused.
    static func object(_ properties: [String: JSONValue], required: [String] = []) -> JSONValue {
        var schema: [String: JSONValue] = [
            "type": "object", "properties": .object(properties), "additionalProperties": false,
        ]
        if !required.isEmpty { schema["required"] = .array(required.map { .string($0) }) }
        return .object(schema)
    }

    /// An object of an answer: all of its members are there, and later versions may add some.
    static func answer(_ properties: [String: JSONValue], optional: Set<String> = []) -> JSONValue {
        [
            "type": "object", "properties": .object(properties),
            "required": .array(properties.keys.filter { !optional.contains($0) }.sorted().map { .string($0) }),
        ]
    }

    /// Labels of gorse: a list or an object of texts, numbers, truths and lists of texts.
    private static let labels: JSONValue = [
        "anyOf": [
            ["type": "array", "items": ["type": "string", "maxLength": 200]],
            [
                "type": "object",
                "additionalProperties": [
                    "anyOf": [
                        ["type": "string"], ["type": "number"], ["type": "boolean"],
                        ["type": "array", "items": ["type": "string"]],
                    ]
                ],
            ],
        ]
    ]
    private static let gorseItem: [String: JSONValue] = [
        "IsHidden": ["type": "boolean"], "Categories": ["type": "array", "items": identifier], "Labels": labels,
        "Timestamp": ["type": "string"], "Comment": ["type": "string"],
    ]

    static let all: [String: JSONValue] = [
        "Problem": answer(
            [
                "type": ["type": "string"], "title": ["type": "string"], "status": ["type": "integer"],
                "code": ["type": "string", "description": "never changes its meaning"],
                "detail": ["type": "string"], "request_id": ["type": "string"],
                "errors": [
                    "type": "array",
                    "items": answer(
                        [
                            "pointer": ["type": "string"], "parameter": ["type": "string"],
                            "detail": ["type": "string"],
                        ], optional: ["pointer", "parameter"]),
                ],
            ], optional: ["errors"]),
        "Filter": FilterWire.schema,
        "Boost": BoostWire.schema,
        "Timestamp": [
            "description": "RFC 3339, or milliseconds since 1970",
            "anyOf": [["type": "string", "format": "date-time"], ["type": "integer", "format": "int64"]],
        ],
        "Event": object(
            [
                "event_id": ["type": "string", "minLength": 1, "maxLength": 128],
                "user": identifier, "session": identifier, "item": identifier,
                "kind": ["type": "string", "pattern": "^[a-z0-9_-]{1,32}$"],
                "timestamp": reference("Timestamp"), "weight": ["type": "number"],
                "recommendation_id": ["type": "string", "minLength": 1, "maxLength": 128],
            ], required: ["item"]),
        "Events": object(
            ["events": ["type": "array", "minItems": 1, "items": reference("Event")]], required: ["events"]),
        "EventsAccepted": answer([
            "accepted": ["type": "integer"], "event_ids": ["type": "array", "items": ["type": "string"]],
        ]),
        "RecommendationRequest": object([
            "user": identifier, "session": identifier,
            "mode": ["type": "string", "enum": .array(RecommendationMode.allCases.map { .string($0.rawValue) })],
            "items": identifiers, "exclude_items": identifiers,
            "recent_events": ["type": "array", "items": reference("Event")],
            "attributes": texts, "allow_seen": ["type": "boolean"], "filter": reference("Filter"),
            "boosts": ["type": "array", "items": reference("Boost"), "maxItems": 20],
            "limit": ["type": "integer", "minimum": 1, "maximum": .integer(RecommendationRequest.maximumLimit)],
            "explain": ["type": "boolean"], "model_version": ["type": "string"],
            "policy": ["type": "string", "description": .string(PolicyChoice.grammar)],
            "seed": [
                "type": "integer", "minimum": 0, "maximum": .integer(Int.max),
                "description":
                    "changes the luck of a stochastic policy; a list repeats only with the same X-Request-ID",
            ],
        ]),
        "Recommendations": answer(
            [
                "recommendation_id": ["type": "string"], "model_version": ["type": "string"],
                "mode": ["type": "string"], "policy": ["type": "string"], "seed": ["type": "string"],
                "variant": ["type": "string"],
                "items": [
                    "type": "array",
                    "items": answer(
                        [
                            "id": ["type": "string"], "score": ["type": "number"], "rank": ["type": "integer"],
                            "propensity": ["type": "number"], "reason": ["type": "string"],
                            "explanation": reference("Explanation"),
                        ], optional: ["explanation"]),
                ],
                "fallback": ["type": "boolean"], "unknown_items": ["type": "array", "items": ["type": "string"]],
                "degraded": ["type": "array", "items": ["type": "string"]],
                "window": answer(
                    [
                        "events": ["type": "integer"], "newest": ["type": "string", "format": "date-time"],
                        "age_ms": ["type": "integer"],
                    ], optional: ["newest", "age_ms"]),
            ], optional: ["seed", "variant", "window"]),
        "Explanation": answer([
            "channels": ["type": "object", "additionalProperties": ["type": "number"]],
            "past": [
                "type": "array", "items": answer(["item": ["type": "string"], "value": ["type": "number"]]),
            ],
            "other_past": ["type": "number"], "without_past": ["type": "number"],
        ]),
        "BatchRequest": object(
            ["requests": ["type": "array", "minItems": 1, "items": reference("RecommendationRequest")]],
            required: ["requests"]),
        "BatchAnswer": answer([
            "answers": [
                "type": "array",
                "items": answer(
                    ["recommendations": reference("Recommendations"), "problem": reference("Problem")],
                    optional: ["recommendations", "problem"]),
            ]
        ]),
        "Item": object(
            ["id": identifier, "attributes": texts, "hidden": ["type": "boolean"]], required: ["id"]),
        "Items": object(
            ["items": ["type": "array", "minItems": 1, "items": reference("Item")]], required: ["items"]),
        "Written": answer(["written": ["type": "integer"]]),
        "StoredItem": answer([
            "id": ["type": "string"], "attributes": texts, "hidden": ["type": "boolean"],
        ]),
        "Window": answer([
            "user": ["type": "string"],
            "events": [
                "type": "array",
                "items": answer(
                    [
                        "event_id": ["type": "string"], "item": ["type": "string"], "kind": ["type": "string"],
                        "timestamp": ["type": "string", "format": "date-time"], "weight": ["type": "number"],
                    ], optional: ["event_id"]),
            ],
        ]),
        "Models": answer([
            "models": [
                "type": "array",
                "items": answer([
                    "version": ["type": "string"], "created": ["type": "string", "format": "date-time"],
                    "current": ["type": "boolean"], "in_service": ["type": "boolean"],
                ]),
            ]
        ]),
        "GorseFeedback": object(
            [
                "FeedbackType": ["type": "string", "pattern": "^[A-Za-z0-9_-]{1,32}$"], "UserId": identifier,
                "ItemId": identifier, "Timestamp": reference("Timestamp"), "Value": ["type": "number"],
                "Comment": ["type": "string"], "Updated": reference("Timestamp"),
            ], required: ["FeedbackType", "UserId", "ItemId"]),
        "GorseItem": object(gorseItem.merging(["ItemId": identifier]) { $1 }, required: ["ItemId"]),
        "GorsePatch": object(gorseItem),
        "GorseUser": object(
            [
                "UserId": identifier, "Labels": labels, "Comment": ["type": "string"],
                "Subscribe": ["type": "array", "items": ["type": "string"], "nullable": true],
            ], required: ["UserId"]),
        "Serving": answer(["model_version": ["type": "string"]]),
        "Health": answer(
            [
                "status": ["type": "string"], "model_version": ["type": "string"],
                "dependencies": ["type": "object", "additionalProperties": ["type": "string"]],
            ], optional: ["model_version", "dependencies"]),
    ]
}
