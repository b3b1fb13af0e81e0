// A route as data: so that the router, the list at `/` and the answer to a wrong method come from one table.
import HTTPTypes
import Hummingbird

/// One method on one path.
struct Endpoint: Sendable {
    let method: HTTPRequest.Method
    /// Segments in braces match any one segment: `/v1/users/{id}/recommendations`.
    let path: String
    /// What it does, in a few words.
    let summary: String
    let handle: @Sendable (Request, ServeContext) async throws -> Response
}

/// All routes of the server, and the page that lists them.
struct EndpointTable: Sendable {
    private let endpoints: [Endpoint]

    init(_ endpoints: [Endpoint]) {
        let listed = [Index.Route(method: "GET", path: "/", summary: "this list")] + endpoints.map(Index.Route.init)
        let index = Endpoint(method: .get, path: "/", summary: "this list") { _, _ in .json(Index(routes: listed)) }
        self.endpoints = [index] + endpoints
    }

    func register(on router: Router<ServeContext>) {
        for endpoint in endpoints {
            router.on(RouterPath(endpoint.path), method: endpoint.method, use: endpoint.handle)
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
