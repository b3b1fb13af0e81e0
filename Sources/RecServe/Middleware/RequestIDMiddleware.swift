// Names every request and its trace, so that a caller's report and the log can be matched; adds what every answer has.
import HTTPTypes
import Hummingbird
import Logging

extension HTTPField.Name {
    /// `X-Request-Id`: the request's name.
    static let requestID = known("X-Request-Id")
    /// `X-Reco-Degraded`: dependencies that an answer had to do without.
    static let degraded = known("X-Reco-Degraded")
    /// `Idempotency-Key`: the id of a single event.
    static let idempotencyKey = known("Idempotency-Key")
    static let traceParent = known("traceparent")
    /// How long the answer took inside (W3C Server Timing); for the page.
    static let serverTiming = known("Server-Timing")
    static let referrerPolicy = known("Referrer-Policy")

    static func known(_ name: String) -> HTTPField.Name {
        guard let field = HTTPField.Name(name) else { preconditionFailure("\(name) is not a field name") }
        return field
    }
}

/// Takes the caller's `X-Request-Id` if it is a plain word, makes one if not, and sends it back.
struct RequestIDMiddleware<Context: ConnectionContext>: RouterMiddleware {
    let makeID: @Sendable () -> String
    /// Whether browsers are to come back by TLS only.
    let hasTLS: Bool
    let drain: Drain

    /// No page of ours needs anything from elsewhere.
    private static var contentPolicy: String {
        "default-src 'self'; frame-ancestors 'none'; base-uri 'none'; object-src 'none'; form-action 'none'"
    }

    func handle(
        _ request: Request, context: Context, next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        var context = context
        let given = request.headers[.requestID].flatMap { Self.isPlain($0) ? $0 : nil }
        context.requestID = given ?? makeID()
        context.trace = TraceParent(continuing: request.headers[values: .traceParent])
        context.logger[metadataKey: LogKey.requestID] = "\(context.requestID)"
        context.logger[metadataKey: LogKey.traceID] = "\(context.trace.trace)"
        context.logger[metadataKey: LogKey.spanID] = "\(context.trace.span)"
        var response = try await next(request, context)
        response.headers[.requestID] = context.requestID
        response.headers[.xContentTypeOptions] = "nosniff"
        response.headers[.referrerPolicy] = "no-referrer"
        if response.headers[.contentSecurityPolicy] == nil {
            response.headers[.contentSecurityPolicy] = Self.contentPolicy
        }
        if hasTLS { response.headers[.strictTransportSecurity] = "max-age=31536000" }
        // A client of a server that is about to stop takes its next request elsewhere.
        return drain.isDraining ? response.closing(context) : response
    }

    /// 1 to 64 letters, digits, `.`, `_` or `-`: nothing that could forge a line of a log.
    private static func isPlain(_ text: String) -> Bool {
        (1...64).contains(text.utf8.count)
            && text.utf8.allSatisfy { byte in
                (97...122).contains(byte) || (65...90).contains(byte) || (48...57).contains(byte)
                    || [45, 46, 95].contains(byte)
            }
    }
}

extension Response {
    /// The same answer, and the connection closed behind it.
    func closing(_ context: some ConnectionContext) -> Response {
        let body = body
        var response = self
        response.headers[.connection] = "close"
        response.body = ResponseBody(contentLength: body.contentLength) { writer in
            try await body.write(writer)
            context.closeConnection()
        }
        return response
    }
}
