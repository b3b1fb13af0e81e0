// Closes connections of clients that ask and do not take the answers.
import NIOCore

/// Watches a connection while more than 64 KiB lie in its buffer because the system takes no more: the next answer waits then, and the
/// idle timeout does not end it, as a request is in progress. Within each ``deadline`` the client must take ``leastBytes``.
///
/// Costs nothing as long as answers fit the buffers of the system.
final class SlowReaderHandler: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = NIOAny
    typealias InboundOut = NIOAny

    /// 3.5 KiB a second with the deadline of nine: far below any network that a page can be read over.
    static let leastBytes = 32 * 1024
    private let deadline: TimeAmount
    private let closed: () -> Void
    private var look: Scheduled<Void>?

    /// - Parameter closed: called when a connection was closed for it.
    init(deadline: TimeAmount, closed: @escaping () -> Void) { (self.deadline, self.closed) = (deadline, closed) }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if context.channel.isWritable {
            forget()
        } else if look == nil {
            watch(context, since: waiting(context))
        }
        context.fireChannelWritabilityChanged()
    }

    func channelInactive(context: ChannelHandlerContext) {
        forget()
        context.fireChannelInactive()
    }

    func handlerRemoved(context: ChannelHandlerContext) { forget() }

    /// - Parameter before: bytes that waited when the time began.
    private func watch(_ context: ChannelHandlerContext, since before: Int) {
        look = context.eventLoop.assumeIsolated().scheduleTask(in: deadline) { [self] in
            let now = waiting(context)
            if before - now >= Self.leastBytes { return watch(context, since: now) }
            look = nil
            closed()
            context.close(promise: nil)
        }
    }

    private func waiting(_ context: ChannelHandlerContext) -> Int {
        (try? context.channel.syncOptions?.getOption(.bufferedWritableBytes)) ?? 0
    }

    private func forget() {
        look?.cancel()
        look = nil
    }
}
