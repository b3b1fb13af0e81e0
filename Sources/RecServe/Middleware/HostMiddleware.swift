// Refuses requests that do not say which host they are for, or that are for another.
import Hummingbird

/// RFC 9112, section 3.2: a request without `Host` is answered with 400.
///
/// Where nobody is asked for keys, it is the address that keeps strangers out, and a web page can have its own name turned to that
/// address after it was loaded (DNS rebinding): to the browser, page and server are then one host. The name in `Host` stays the
/// page's, so any but this machine's own is answered with 421 (RFC 9110, section 15.5.20).
struct HostMiddleware<Context: RequestContext>: RouterMiddleware {
    /// Whether the port asks for no keys and listens to this machine alone.
    var isLoopbackOnly = false

    func handle(
        _ request: Request, context: Context, next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        guard let host = request.head.authority, !host.isEmpty else {
            throw Problem(
                status: .badRequest, code: "no_host", detail: "the Host header is missing", closesConnection: true)
        }
        guard !isLoopbackOnly || Loopback.isAuthority(host) else {
            throw Problem(
                status: .misdirectedRequest, code: "foreign_host",
                detail:
                    "without keys this port answers for localhost, 127.0.0.1 and [::1] only, and Host names another; a proxy sends one of these, or the server has keys"
            )
        }
        return try await next(request, context)
    }
}
