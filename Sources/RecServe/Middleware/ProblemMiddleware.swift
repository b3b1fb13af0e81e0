// Turns every error into an answer that a program can read.
import HTTPTypes
import Hummingbird
import RecCore

/// Catches what the routes throw. Nothing passes it: below it errors, above it answers.
struct ProblemMiddleware<Context: ConnectionContext>: RouterMiddleware {
    let table: EndpointTable
    let failures: FailureLog
    /// `nil` = problems are not counted.
    let metrics: ServerMetrics?
    let now: @Sendable () -> Timestamp

    func handle(
        _ request: Request, context: Context, next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        do {
            return try await next(request, context)
        } catch {
            var problem = ErrorMapping.problem(for: error)
            if problem.code == "no_route" {
                let allow = table.methods(of: request.uri.path)
                if !allow.isEmpty {
                    problem = Problem(
                        status: .methodNotAllowed, code: "method_not_allowed",
                        detail: "this path has \(allow.joined(separator: ", "))", allow: allow)
                }
            }
            metrics?.count("reco_problems", [("code", problem.code)])
            if problem.status.code >= 500, !["no_model", "draining"].contains(problem.code) {
                failures.note(error, code: problem.code, requestID: context.requestID, now: now())
            }
            let response = problem.response(requestID: context.requestID)
            // The rest of the request is not worth reading.
            return problem.closesConnection ? response.closing(context) : response
        }
    }
}
