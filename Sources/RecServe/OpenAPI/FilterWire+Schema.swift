// Filters and boosts as the description of the interface tells them.

extension FilterWire {
    static let schema: JSONValue = [
        "type": "object",
        "description":
            "One condition on an attribute of the catalogue (field with in, exists, or bounds), or all, any, not of others.",
        "oneOf": [
            [
                "type": "object", "required": ["field", "in"], "additionalProperties": false,
                "properties": [
                    "field": ["type": "string"],
                    "in": ["type": "array", "items": ["type": "string"], "maxItems": 1000],
                ],
            ],
            [
                "type": "object", "required": ["field", "exists"], "additionalProperties": false,
                "properties": ["field": ["type": "string"], "exists": ["type": "boolean"]],
            ],
            [
                "type": "object", "required": ["field"], "additionalProperties": false, "minProperties": 2,
                "properties": [
                    "field": ["type": "string"], "gt": ["type": "number"], "gte": ["type": "number"],
                    "lt": ["type": "number"], "lte": ["type": "number"],
                ],
            ],
            [
                "type": "object", "required": ["all"], "additionalProperties": false,
                "properties": ["all": ["type": "array", "items": Schemas.reference("Filter")]],
            ],
            [
                "type": "object", "required": ["any"], "additionalProperties": false,
                "properties": ["any": ["type": "array", "items": Schemas.reference("Filter")]],
            ],
            [
                "type": "object", "required": ["not"], "additionalProperties": false,
                "properties": ["not": Schemas.reference("Filter")],
            ],
        ],
    ]
}

extension BoostWire {
    static let schema: JSONValue = [
        "type": "object", "required": ["filter", "weight"], "additionalProperties": false,
        "properties": [
            "filter": Schemas.reference("Filter"),
            "weight": ["type": "number", "minimum": -100, "maximum": 100],
        ],
    ]
}
