// A proxy on 127.0.0.1 that behaves badly when told to.
import Foundation

/// Passes bytes between clients and a server, with a fault of choice in the server's answers.
final class FaultyProxy: Sendable {
    enum Mode: Sendable {
        case pass
        /// Each piece of an answer comes so many milliseconds late.
        case delay(ClosedRange<Int>)
        /// Answers come byte by byte, so many milliseconds apart.
        case drip(Int)
        /// Answers stay behind until the mode changes.
        case hang
        /// Connections end with a reset as soon as an answer comes.
        case reset
        /// In answers one text stands for another of the same length: what a client out of step would see.
        case swap(String, String)
    }

    let port: Int
    private let listener: Int32
    private let state = State()

    /// Listens on a free port and passes on to `target`.
    init(to target: Int) throws {
        (listener, port) = try LocalSocket.listening()
        let (listener, state) = (listener, state)
        Thread {
            while true {
                let client = accept(listener, nil, nil)
                guard client >= 0 else { return }
                guard let server = try? LocalSocket.connected(to: target) else {
                    close(client)
                    continue
                }
                let link = Link(client: client, server: server, state: state)
                Thread { link.pump(from: client, to: server, isAnswer: false) }.start()
                Thread { link.pump(from: server, to: client, isAnswer: true) }.start()
            }
        }.start()
    }

    deinit {
        state.set(.reset)
        shutdown(listener, Int32(SHUT_RDWR))
        close(listener)
    }

    func set(_ mode: Mode) { state.set(mode) }

    /// The mode. The condition's lock guards both variables.
    private final class State: @unchecked Sendable {
        private let condition = NSCondition()
        private var mode = Mode.pass

        func set(_ mode: Mode) {
            condition.withLock {
                self.mode = mode
                condition.broadcast()
            }
        }

        /// The mode, once it is no longer `.hang`.
        func now() -> Mode {
            condition.withLock {
                while case .hang = mode { condition.wait() }
                return mode
            }
        }
    }

    /// Two sockets, each closed once, when both directions have ended. The lock guards the count.
    private final class Link: @unchecked Sendable {
        private let client: Int32
        private let server: Int32
        private let state: State
        private let lock = NSLock()
        private var ends = 0

        init(client: Int32, server: Int32, state: State) {
            (self.client, self.server, self.state) = (client, server, state)
        }

        func pump(from source: Int32, to target: Int32, isAnswer: Bool) {
            var buffer = [UInt8](repeating: 0, count: 16_384)
            loop: while true {
                let count = recv(source, &buffer, buffer.count, 0)
                guard count > 0 else { break }
                var piece = Array(buffer[..<count])
                if isAnswer {
                    switch state.now() {
                    case .pass, .hang: break
                    // Not a wait for anything: the delay is the fault.
                    case .delay(let range): _ = poll(nil, 0, Int32(Int.random(in: range)))
                    case .drip(let pause):
                        while case .drip = state.now(), piece.count > 1 {
                            guard send(target, piece, 1, Int32(MSG_NOSIGNAL)) == 1 else { break loop }
                            piece.removeFirst()
                            _ = poll(nil, 0, Int32(pause))
                        }
                    case .reset:
                        var atOnce = linger(l_onoff: 1, l_linger: 0)
                        setsockopt(client, SOL_SOCKET, SO_LINGER, &atOnce, socklen_t(MemoryLayout<linger>.size))
                        break loop
                    case .swap(let one, let other): piece = Self.swapping(one, other, in: piece)
                    }
                }
                guard send(target, piece, piece.count, Int32(MSG_NOSIGNAL)) == piece.count else { break }
            }
            lock.withLock {
                ends += 1
                if ends == 2 {
                    close(client)
                    close(server)
                } else {
                    shutdown(server, Int32(SHUT_RDWR))
                    // A socket that is to be reset is only closed: see above.
                    shutdown(client, Int32(SHUT_RD))
                }
            }
        }

        private static func swapping(_ one: String, _ other: String, in bytes: [UInt8]) -> [UInt8] {
            let (one, other) = (Array(one.utf8), Array(other.utf8))
            var bytes = bytes
            var index = 0
            while index + one.count <= bytes.count {
                if bytes[index..<index + one.count].elementsEqual(one) {
                    bytes.replaceSubrange(index..<index + one.count, with: other)
                }
                index += 1
            }
            return bytes
        }
    }
}
