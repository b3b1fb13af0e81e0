// The interface as an OpenAPI document, made from the table of routes.
import HTTPTypes
import RecCore

enum OpenAPIDocument {
    /// OpenAPI 3.0.3: the version that most generators of clients read.
    static func make(for endpoints: [Endpoint]) -> JSONValue {
        var paths: [String: JSONValue] = [:]
        for endpoint in endpoints {
            let method = endpoint.method.rawValue.lowercased()
            paths[endpoint.path] = (paths[endpoint.path] ?? [:]).merging([method: operation(endpoint)])
        }
        return [
            "openapi": "3.0.3",
            "info": [
                "title": "Recommendation platform", "version": .string(PlatformVersion.text),
                "description":
                    "Recommendations, the events that change them, and the models behind them. Errors are problem+json (RFC 9457).",
            ],
            "paths": .object(paths),
            "components": [
                "schemas": .object(Schemas.all),
                "securitySchemes": [
                    "bearer": ["type": "http", "scheme": "bearer"],
                    "header": ["type": "apiKey", "in": "header", "name": "X-API-Key"],
                ],
            ],
        ]
    }

    private static func operation(_ endpoint: Endpoint) -> JSONValue {
        let words = endpoint.path.split { !$0.isLetter && !$0.isNumber }.map(String.init)
        var operation: [String: JSONValue] = [
            "operationId": .string(([endpoint.method.rawValue.lowercased()] + words).joined(separator: "_")),
            "summary": .string(endpoint.summary),
            "responses": responses(endpoint),
        ]
        let inPath = endpoint.pathNames.map { name -> JSONValue in
            [
                "name": .string(name), "in": "path", "required": true,
                "schema": ["type": "string", "minLength": 1, "maxLength": 255],
            ]
        }
        let inQuery = endpoint.parameters.map { parameter -> JSONValue in
            [
                "name": .string(parameter.name), "in": "query", "description": .string(parameter.text),
                "schema": parameter.schema,
            ]
        }
        if !(inPath + inQuery).isEmpty { operation["parameters"] = .array(inPath + inQuery) }
        if let body = endpoint.body {
            operation["requestBody"] = ["required": true, "content": ["application/json": ["schema": body]]]
        }
        if let scope = endpoint.scope {
            operation["security"] = [["bearer": []], ["header": []], [:]]
            operation["description"] = .string("Needs a key with the scope \(scope.rawValue), where keys are needed.")
        }
        return .object(operation)
    }

    private static func responses(_ endpoint: Endpoint) -> JSONValue {
        var responses: [String: JSONValue] = [:]
        for answer in endpoint.answers {
            var response: [String: JSONValue] = ["description": .string(answer.text)]
            if let schema = answer.schema { response["content"] = .object([answer.type: ["schema": schema]]) }
            responses[String(answer.status)] = .object(response)
        }
        var problems = endpoint.problems
        // Of every route: what is wrong with the request or its sender, and what the server cannot do now.
        problems += [400, 408, 413, 421, 429, 503] + (endpoint.scope == nil ? [] : [401, 403])
        for status in Set(problems) {
            responses[String(status)] = [
                "description": .string(HTTPResponse.Status(code: status).reasonPhrase),
                "content": ["application/problem+json": ["schema": Schemas.reference("Problem")]],
            ]
        }
        return .object(responses)
    }
}
