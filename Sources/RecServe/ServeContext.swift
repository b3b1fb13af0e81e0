// What travels with one request: its id, and the connection it came on.
import Hummingbird
import NIOCore

/// What the middleware needs of a request's context.
protocol ConnectionContext: RequestContext {
    /// Name of the request, given by the caller or made here.
    var requestID: String { get set }
    /// Ends the connection after the answer that is being written.
    func closeConnection()
}

/// The context of every request.
struct ServeContext: ConnectionContext {
    var coreContext: CoreRequestContextStorage
    var requestID = ""
    private let channel: any Channel

    init(source: ApplicationRequestContextSource) {
        coreContext = .init(source: source)
        channel = source.channel
    }

    /// Says "no more" to the client at once, and closes a second later: closing while it still sends would reset the connection
    /// and take the answer away before it is read.
    func closeConnection() {
        let channel = channel
        channel.close(mode: .output, promise: nil)
        channel.eventLoop.scheduleTask(in: .seconds(1)) { channel.close(promise: nil) }
    }
}
