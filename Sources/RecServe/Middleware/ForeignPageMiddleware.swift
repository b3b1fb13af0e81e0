// Pages of other hosts ask for no changes (Fetch Metadata Request Headers, W3C).
import HTTPTypes
import Hummingbird

extension HTTPField.Name {
    /// `Sec-Fetch-Site`: whose page asks, by the browser's own word.
    static let fetchSite = known("Sec-Fetch-Site")
}

/// Refuses changes that unlisted pages ask for: a browser sends simple requests even where it hides the answers, and a server that
/// asks nobody for keys would carry them out. Programs send no `Sec-Fetch-Site` and are not concerned, and neither are requests
/// that show a key: a page can send no such header unless it was allowed to.
struct ForeignPageMiddleware<Context: RequestContext>: RouterMiddleware {
    let origins: Set<String>

    func handle(
        _ request: Request, context: Context, next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        guard isForeign(request), Self.isChange(request) else {
            return try await next(request, context)
        }
        throw Problem(
            status: .forbidden, code: "foreign_page",
            detail: "a web page of another host asks for a change; the operator may list its origin (--origin)")
    }

    /// One GET of the gorse interface notes an event: that which names its kind.
    private static func isChange(_ request: Request) -> Bool {
        guard [.get, .head, .options].contains(request.method) else { return true }
        guard let query = request.uri.query, let text = percentDecoded(query[...], plusIsSpace: true) else {
            return false
        }
        return text.contains("write-back-type")
    }

    private func isForeign(_ request: Request) -> Bool {
        switch request.headers[.fetchSite] {
        case nil, "same-origin", "none": false
        default:
            request.headers[.authorization] == nil && request.headers[.apiKey] == nil
                && !(request.headers[.origin].map(origins.contains) ?? false)
        }
    }
}
