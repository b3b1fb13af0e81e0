// Connections that carry one request at a time, and the queue of requests that wait for one.
import NIOCore
import NIOHTTP1
import NIOPosix

/// What became of the requests so far. Touched on one event loop only.
final class Tally {
    var all = LatencyHistogram()
    var byKind: [RequestKind: LatencyHistogram] = [:]
    var statuses: [Int: Int] = [:]
    var degraded = 0
    var bytes = 0
    var sent = 0
    /// Requests that waited for a connection.
    var longestQueue = 0
    /// Answered requests a second after the start, by the second in which they were due: mean and slowest.
    var slowestBySecond: [Int] = []
}

/// Sends requests at the moments they are due and takes the time from those moments: a server that stalls is charged with every
/// request that was due meanwhile, sent or not (no "coordinated omission", as G. Tene calls what closed loops do).
final class Driver {
    private struct Due {
        let shot: Shot
        let at: NIODeadline
    }
    private let loop: any EventLoop
    private let address: SocketAddress
    private var workload: Workload
    /// The one that was used last stands last.
    private var idle: [Connection] = []
    /// A server may close a connection that has been idle for a while at the moment at which a request is on its way.
    private static let longestIdle = TimeAmount.seconds(4)
    private var queue: CircularBuffer<Due> = []
    private var open = 0
    private let mostOpen: Int
    private let start: NIODeadline
    let tally = Tally()
    /// Requests before this moment warm up and are not counted.
    private let counted: NIODeadline

    init(
        loop: any EventLoop, address: SocketAddress, workload: Workload, connections: Int, start: NIODeadline,
        warmUp: TimeAmount
    ) {
        (self.loop, self.address, self.workload, mostOpen) = (loop, address, workload, connections)
        (self.start, counted) = (start, start + warmUp)
    }

    /// Sends `count` requests, `gap` apart; `done` is called when the last was sent and `patience` has passed or nothing is open.
    func run(count: Int, gap: TimeAmount, patience: TimeAmount, done: @escaping () -> Void) {
        fire(0, of: count, at: start, gap: gap.nanoseconds, patience: patience, done)
    }

    private func fire(
        _ number: Int, of count: Int, at moment: NIODeadline, gap: Int64, patience: TimeAmount,
        _ done: @escaping () -> Void
    ) {
        guard number < count else {
            loop.assumeIsolated().scheduleTask(in: patience) { done() }
            return
        }
        loop.assumeIsolated().scheduleTask(deadline: moment) { [self] in
            // A timer that comes late sends all that is due.
            var number = number
            var moment = moment
            repeat {
                send(Due(shot: workload.next(), at: moment))
                number += 1
                moment = start + .nanoseconds(gap * Int64(number))
            } while number < count && moment <= .now()
            fire(number, of: count, at: moment, gap: gap, patience: patience, done)
        }
    }

    private func send(_ due: Due) {
        tally.sent += due.at >= counted ? 1 : 0
        while let oldest = idle.first, oldest.freeSince + Self.longestIdle < .now() {
            idle.removeFirst()
            oldest.close()
        }
        if let connection = idle.popLast() { return connection.send(due.shot, dueAt: due.at) }
        queue.append(due)
        tally.longestQueue = max(tally.longestQueue, queue.count)
        if open < mostOpen { connect() }
    }

    private func connect() {
        open += 1
        let driver = NIOLoopBound(self, eventLoop: loop)
        ClientBootstrap(group: loop)
            .channelOption(ChannelOptions.socketOption(.tcp_nodelay), value: 1)
            .connectTimeout(.seconds(2))
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHTTPClientHandlers()
                    try channel.pipeline.syncOperations.addHandler(Connection(driver: driver.value))
                }
            }
            .connect(to: address)
            .whenFailure { _ in
                let driver = driver.value
                driver.open -= 1
                _ = driver.queue.popFirst()
            }
    }

    /// A connection has nothing to do.
    func isFree(_ connection: Connection) {
        if let due = queue.popFirst() { return connection.send(due.shot, dueAt: due.at) }
        connection.freeSince = .now()
        idle.append(connection)
    }

    func hasEnded(_ connection: Connection) {
        open -= 1
        idle.removeAll { $0 === connection }
        if !queue.isEmpty, open < mostOpen { connect() }
    }

    func hasAnswer(_ kind: RequestKind, status: Int, isDegraded: Bool, bytes: Int, dueAt: NIODeadline) {
        guard dueAt >= counted else { return }
        let microseconds = Int((NIODeadline.now() - dueAt).nanoseconds / 1000)
        tally.all.record(microseconds)
        tally.byKind[kind, default: LatencyHistogram()].record(microseconds)
        tally.statuses[status, default: 0] += 1
        tally.degraded += isDegraded ? 1 : 0
        tally.bytes += bytes
        let second = Int((dueAt - start).nanoseconds / 1_000_000_000)
        while tally.slowestBySecond.count <= second { tally.slowestBySecond.append(0) }
        tally.slowestBySecond[second] = max(tally.slowestBySecond[second], microseconds)
    }
}

/// One connection.
final class Connection: ChannelInboundHandler {
    typealias InboundIn = HTTPClientResponsePart
    typealias OutboundOut = HTTPClientRequestPart

    private let driver: Driver
    private var context: ChannelHandlerContext?
    private var current: (kind: RequestKind, dueAt: NIODeadline)?
    private var status = 0
    private var isDegraded = false
    private var isLast = false
    private var bytes = 0
    var freeSince = NIODeadline.now()

    init(driver: Driver) { self.driver = driver }

    func channelActive(context: ChannelHandlerContext) {
        self.context = context
        driver.isFree(self)
    }

    func close() { context?.close(promise: nil) }

    func send(_ shot: Shot, dueAt: NIODeadline) {
        guard let context else { return }
        current = (shot.kind, dueAt)
        (status, isDegraded, isLast, bytes) = (0, false, false, 0)
        context.write(wrapOutboundOut(.head(shot.head)), promise: nil)
        if let body = shot.body { context.write(wrapOutboundOut(.body(.byteBuffer(body))), promise: nil) }
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head):
            status = Int(head.status.code)
            isDegraded = head.headers.contains(name: "X-Reco-Degraded")
            isLast = !head.isKeepAlive
        case .body(let part): bytes += part.readableBytes
        case .end:
            guard let done = current else { return }
            current = nil
            driver.hasAnswer(done.kind, status: status, isDegraded: isDegraded, bytes: bytes, dueAt: done.dueAt)
            if isLast { context.close(promise: nil) } else { driver.isFree(self) }
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        self.context = nil
        driver.hasEnded(self)
        current = nil
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}
