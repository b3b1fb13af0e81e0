// What travels with one request: its id, its trace, who sent it, and the connection it came on.
import Hummingbird
import NIOCore

/// What the middleware needs of a request's context.
protocol ConnectionContext: RequestContext {
    /// Name of the request, given by the caller or made here.
    var requestID: String { get set }
    /// The trace that the request belongs to.
    var trace: TraceParent { get set }
    /// The key that the caller showed; `nil` = none, or keys are not asked for.
    var key: APIKey? { get set }
    /// The address at the other end of the connection.
    var remoteAddress: String { get }
    /// Ends the connection after the answer that is being written.
    func closeConnection()
}

/// The context of every request.
struct ServeContext: ConnectionContext {
    var coreContext: CoreRequestContextStorage
    var requestID = ""
    var trace = TraceParent.none
    var key: APIKey?
    private let channel: any Channel

    init(source: ApplicationRequestContextSource) {
        coreContext = .init(source: source)
        channel = source.channel
    }

    var remoteAddress: String { channel.remoteAddress?.ipAddress ?? "local" }

    /// Says "no more" to the client at once, and closes a second later: closing while it still sends would reset the connection
    /// and take the answer away before it is read.
    func closeConnection() {
        let channel = channel
        channel.close(mode: .output, promise: nil)
        channel.eventLoop.scheduleTask(in: .seconds(1)) { channel.close(promise: nil) }
    }

    /// - Throws: a ``Problem`` unless the caller's key permits it.
    func require(_ scope: Scope) throws(Problem) {
        guard let key else { throw .noKey }
        guard key.scopes.contains(scope) else {
            throw Problem(
                status: .forbidden, code: "scope_missing", detail: "the key does not permit \(scope.rawValue)")
        }
    }
}

extension Problem {
    static var noKey: Problem {
        Problem(
            status: .unauthorized, code: "no_key",
            detail: "a key is needed: Authorization: Bearer KEY, or X-API-Key: KEY", authenticate: true)
    }
}
