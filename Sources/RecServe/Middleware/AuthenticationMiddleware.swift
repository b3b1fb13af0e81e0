// Who is asking: the key, and how often it may ask.
import HTTPTypes
import Hummingbird

extension HTTPField.Name {
    /// `X-API-Key`: another place for a key, as clients of peers send it.
    static let apiKey = known("X-API-Key")
}

/// Looks up the caller's key and takes a token of the caller's bucket. What a key permits is asked by each route.
struct AuthenticationMiddleware<Context: ConnectionContext>: RouterMiddleware {
    let keys: KeyRing?
    let limiter: RateLimiter?
    let metrics: ServerMetrics

    func handle(
        _ request: Request, context: Context, next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        var context = context
        let address = context.remoteAddress
        if let keys, let secret = Self.secret(in: request.headers) {
            guard let key = keys.key(for: secret) else {
                // Who guesses is held back like any caller without a key.
                if let limiter { try limit(limiter, by: "address " + address) }
                metrics.count("reco_unauthorized", [("code", "wrong_key")])
                throw Problem(
                    status: .unauthorized, code: "wrong_key", detail: "the key is not one of this server's",
                    authenticate: true)
            }
            context.key = key
        }
        // One look at the page asks for forty files, which lie in memory: they use nothing up.
        if let limiter, !PageRoutes.isFile(request.uri.path) {
            try limit(limiter, by: context.key.map { "key " + $0.name } ?? "address " + address)
        }
        do {
            return try await next(request, context)
        } catch let problem as Problem where problem.code == "no_key" || problem.code == "scope_missing" {
            metrics.count("reco_unauthorized", [("code", problem.code)])
            throw problem
        }
    }

    private func limit(_ limiter: RateLimiter, by caller: String) throws(Problem) {
        guard let seconds = limiter.wait(of: caller) else { return }
        metrics.count("reco_rate_limited", [])
        throw Problem(
            status: .tooManyRequests, code: "rate_limited", detail: "too many requests; again in \(seconds) s",
            retryAfter: seconds)
    }

    private static func secret(in headers: HTTPFields) -> String? {
        if let authorization = headers[.authorization] {
            let words = authorization.split(separator: " ", omittingEmptySubsequences: true)
            guard words.count == 2, words[0].lowercased() == "bearer" else { return "" }
            return String(words[1])
        }
        return headers[.apiKey]
    }
}
