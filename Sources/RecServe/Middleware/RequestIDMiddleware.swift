// Names every request, so that a caller's report and the log can be matched.
import HTTPTypes
import Hummingbird
import Logging

extension HTTPField.Name {
    /// `X-Request-Id`: the request's name.
    static let requestID = known("X-Request-Id")
    /// `X-Reco-Degraded`: dependencies that an answer had to do without.
    static let degraded = known("X-Reco-Degraded")

    private static func known(_ name: String) -> HTTPField.Name {
        guard let field = HTTPField.Name(name) else { preconditionFailure("\(name) is not a field name") }
        return field
    }
}

/// Takes the caller's `X-Request-Id` if it is a plain word, makes one if not, and sends it back. Adds what every answer has.
struct RequestIDMiddleware<Context: ConnectionContext>: RouterMiddleware {
    let makeID: @Sendable () -> String

    func handle(
        _ request: Request, context: Context, next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        var context = context
        let given = request.headers[.requestID].flatMap { Self.isPlain($0) ? $0 : nil }
        context.requestID = given ?? makeID()
        context.logger[metadataKey: LogKey.requestID] = "\(context.requestID)"
        var response = try await next(request, context)
        response.headers[.requestID] = context.requestID
        response.headers[.xContentTypeOptions] = "nosniff"
        context.logger.debug(
            "Request answered",
            metadata: [LogKey.route: "\(context.endpointPath ?? "none")", LogKey.status: "\(response.status.code)"])
        return response
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
