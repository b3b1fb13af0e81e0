// Counts, times and logs every request, whatever its outcome.
import HTTPTypes
import Hummingbird
import Logging

/// Stands outside of what turns errors into answers, so that it sees the status that the caller sees.
struct ObservationMiddleware<Context: ConnectionContext>: RouterMiddleware {
    let metrics: ServerMetrics

    func handle(
        _ request: Request, context: Context, next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        let start = ContinuousClock.now
        metrics.inFlight(1)
        defer { metrics.inFlight(-1) }
        let response = try await next(request, context)
        let duration = ContinuousClock.now - start
        // The route as it is written in the table: a path would hold ids. The library says `NotFound` where there is none.
        let route = context.endpointPath.flatMap { $0.hasPrefix("/") ? $0 : nil } ?? "none"
        metrics.answered(
            route: route, method: request.method.isKnown ? request.method.rawValue : "other",
            status: response.status.code, in: duration)
        let (seconds, attoseconds) = duration.components
        context.logger.debug(
            "Request answered",
            metadata: [
                LogKey.route: "\(route)", LogKey.status: "\(response.status.code)",
                LogKey.duration: "\(Double(seconds) * 1000 + (Double(attoseconds) * 1e-13).rounded() / 100)",
            ])
        return response
    }
}

extension HTTPRequest.Method {
    /// Not one that a caller made up: each would be a label of its own.
    fileprivate var isKnown: Bool {
        [.get, .head, .post, .put, .patch, .delete, .options].contains(self)
    }
}
