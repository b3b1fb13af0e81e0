// Reads the body once, within a size and a time, before any route sees the request.
import HTTPTypes
import Hummingbird
import NIOCore

/// Gives routes a body that is whole and small. Bodies that nobody asked for (of a GET) are held to the same limits.
struct BodyMiddleware<Context: RequestContext>: RouterMiddleware {
    let limit: Int
    let deadline: Duration
    let clock: any Clock<Duration>

    func handle(
        _ request: Request, context: Context, next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        let declared = request.headers[.contentLength].flatMap { Int($0) }
        if let declared, declared > limit { throw tooLarge }
        guard (declared ?? 0) > 0 || request.headers[.transferEncoding] != nil else {
            return try await next(request, context)
        }
        let body = try await collect(request.body)
        // A connection that ends early looks like the end of the body.
        if let declared, body.readableBytes != declared { throw Self.broken }
        var request = request
        request.body = RequestBody(buffer: body)
        return try await next(request, context)
    }

    /// Every part of a body resets the idle timer of the connection, so a client that drips bytes needs a deadline of its own.
    private func collect(_ body: RequestBody) async throws -> ByteBuffer {
        let (limit, deadline, clock) = (limit, deadline, clock)
        do {
            return try await withThrowingTaskGroup(of: ByteBuffer?.self) { group in
                defer { group.cancelAll() }
                group.addTask { try await body.collect(upTo: limit) }
                group.addTask {
                    try await clock.sleep(for: deadline)
                    return nil
                }
                guard let first = try await group.next(), let body = first else { throw Self.tooSlow(deadline) }
                return body
            }
        } catch is NIOTooManyBytesError {
            throw tooLarge
        } catch let problem as Problem {
            throw problem
        } catch is CancellationError {
            throw CancellationError()
        } catch {
            throw Self.broken
        }
    }

    private var tooLarge: Problem {
        Problem(
            status: .contentTooLarge, code: "body_too_large", detail: "the body has more than \(limit) bytes",
            closesConnection: true)
    }

    private static func tooSlow(_ deadline: Duration) -> Problem {
        Problem(
            status: .requestTimeout, code: "body_too_slow", detail: "the body did not arrive within \(deadline)",
            closesConnection: true)
    }

    private static var broken: Problem {
        Problem(
            status: .badRequest, code: "body_broken", detail: "the body ended early or is not valid HTTP",
            closesConnection: true)
    }
}
