// A refusal as an answer.
import Hummingbird

extension Problem {
    /// The answer. Names of faults are the caller's own; nothing of the inside is in it.
    func response(requestID: String) -> Response {
        var response = Response.json(wire(requestID), status: status, type: "application/problem+json")
        if let retryAfter { response.headers[.retryAfter] = String(retryAfter) }
        if authenticate { response.headers[.wwwAuthenticate] = "Bearer" }
        if !allow.isEmpty { response.headers[.allow] = allow.joined(separator: ", ") }
        if closesConnection { response.headers[.connection] = "close" }
        return response
    }
}
