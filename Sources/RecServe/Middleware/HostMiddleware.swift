// Refuses requests that do not say which host they are for.
import Hummingbird

/// RFC 9112, section 3.2: a request without `Host` is answered with 400.
struct HostMiddleware<Context: RequestContext>: RouterMiddleware {
    func handle(
        _ request: Request, context: Context, next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        guard let host = request.head.authority, !host.isEmpty else {
            throw Problem(
                status: .badRequest, code: "no_host", detail: "the Host header is missing", closesConnection: true)
        }
        return try await next(request, context)
    }
}
