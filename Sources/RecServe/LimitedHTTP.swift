// HTTP/1.1 with the limits that keep one client from harming the others.
import HummingbirdCore
import NIOCore

extension HTTPServerBuilder {
    /// - Parameters:
    ///   - taking: see ``ServerConfiguration/takingDeadline``.
    ///   - idle: see ``ServerConfiguration/idleTimeout``.
    ///   - whenSlow: called for each connection that is closed because its client does not take its answers.
    static func limited(
        taking: Duration, idle: Duration, whenSlow: @escaping @Sendable () -> Void
    ) -> HTTPServerBuilder {
        .http1(
            configuration: .init(
                additionalChannelHandlers: [SlowReaderHandler(deadline: TimeAmount(taking), closed: whenSlow)],
                idleTimeout: TimeAmount(idle),
                httpDecoderConfiguration: .init(
                    maxHeaderFieldSize: 8 * 1024, maxHeaderListSize: 16 * 1024, maxHeaderFieldCount: 64)))
    }
}
