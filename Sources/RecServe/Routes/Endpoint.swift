// A route as data: the router, the list at `/`, the OpenAPI document and the answer to a wrong method come from one table.
import HTTPTypes
import Hummingbird

/// One method on one path.
struct Endpoint: Sendable {
    /// A value in the path or behind the question mark.
    struct Parameter: Sendable {
        let name: String
        let text: String
        var schema: JSONValue = ["type": "string"]
    }
    /// What an answer holds.
    struct Answer: Sendable {
        let status: Int
        let text: String
        /// `nil` = no body.
        var schema: JSONValue?
        var type = "application/json"
    }

    let method: HTTPRequest.Method
    /// Segments in braces match any one segment: `/v1/users/{id}/recommendations`.
    let path: String
    /// What it does, in a few words.
    let summary: String
    /// What a key must permit; `nil` = anyone may ask.
    let scope: Scope?
    var parameters: [Parameter] = []
    /// Schema of the JSON that it takes; `nil` = it takes no body.
    var body: JSONValue?
    /// Answers that are not a problem.
    var answers: [Answer] = []
    /// Statuses of problems beside those that every route may answer with.
    var problems: [Int] = []
    /// Whether the list of routes and the description for programs name it.
    var isListed = true
    let handle: @Sendable (Request, ServeContext) async throws -> Response

    /// The names in braces.
    var pathNames: [String] {
        path.split(separator: "/").filter { $0.hasPrefix("{") }.map { String($0.dropFirst().dropLast()) }
    }
}

/// All routes of a server, the page that lists them, and their description for programs.
struct EndpointTable: Sendable {
    let endpoints: [Endpoint]

    /// - Parameter front: what `/` gives in place of the list, for those who ask for a page.
    init(_ endpoints: [Endpoint], front: @escaping @Sendable (Request) -> Response? = { _ in nil }) {
        var all = endpoints
        all.append(
            Endpoint(
                method: .get, path: "/openapi.json", summary: "this interface, for programs", scope: nil,
                answers: [.init(status: 200, text: "an OpenAPI document", schema: ["type": "object"])]
            ) { [all] _, _ in .json(OpenAPIDocument.make(for: all.filter(\.isListed))) })
        let listed =
            [Index.Route(method: "GET", path: "/", summary: "this list")] + all.filter(\.isListed).map(Index.Route.init)
        let index = Endpoint(
            method: .get, path: "/", summary: "this list", scope: nil,
            answers: [.init(status: 200, text: "the routes", schema: ["type": "object"])]
        ) { request, _ in
            if let page = front(request) { return page }
            var list = Response.json(Index(routes: listed))
            list.headers[.vary] = "Accept"
            return list
        }
        self.endpoints = [index] + all
    }

    func register(on router: Router<ServeContext>, needsKeys: Bool) {
        for endpoint in endpoints {
            router.on(RouterPath(endpoint.path), method: endpoint.method) { request, context in
                if needsKeys, let scope = endpoint.scope { try context.require(scope) }
                return try await endpoint.handle(request, context)
            }
        }
    }

    /// Methods that a path has; empty for a path that no route matches.
    func methods(of path: String) -> [String] {
        let given = path.split(separator: "/")
        let found = endpoints.filter { endpoint in
            let pattern = endpoint.path.split(separator: "/")
            return pattern.count == given.count
                && zip(pattern, given).allSatisfy { $0.hasPrefix("{") || $0.utf8.elementsEqual($1.utf8) }
        }.map(\.method.rawValue)
        return Set(found.contains("GET") ? found + ["HEAD"] : found).sorted()
    }
}

private struct Index: Encodable {
    let service = "recommendation platform"
    let routes: [Route]
    private enum CodingKeys: CodingKey { case service, routes }

    struct Route: Encodable {
        let method: String
        let path: String
        let summary: String
    }
}

extension Index.Route {
    init(_ endpoint: Endpoint) {
        self.init(method: endpoint.method.rawValue, path: endpoint.path, summary: endpoint.summary)
    }
}
