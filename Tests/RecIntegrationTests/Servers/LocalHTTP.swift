// HTTP/1.1 with servers of 127.0.0.1 that tests start: one request a connection.
import Foundation

/// A plain client on a blocking socket. It reads any header that a server writes, which the system's client does not.
enum LocalHTTP {
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    /// Sends one request on a thread of its own and reads the answer, up to the length that its head states.
    static func ask(
        _ method: String, _ path: String, port: Int, body: Data? = nil, patience: Duration = .seconds(60)
    ) async throws -> (status: Int, body: Data) {
        try await withCheckedThrowingContinuation { continuation in
            // It waits in system calls.
            Thread {
                continuation.resume(
                    with: Result { try exchange(method, path, port: port, body: body, patience: patience) })
            }.start()
        }
    }

    private static func exchange(
        _ method: String, _ path: String, port: Int, body: Data?, patience: Duration
    ) throws -> (status: Int, body: Data) {
        let descriptor = try LocalSocket.connected(to: port)
        defer { close(descriptor) }
        var limit = timeval(tv_sec: Int(patience.components.seconds), tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        var head = "\(method) \(path) HTTP/1.1\r\nHost: 127.0.0.1:\(port)\r\nConnection: close\r\n"
        if let body { head += "Content-Type: application/json; charset=utf-8\r\nContent-Length: \(body.count)\r\n" }
        try write(Array((head + "\r\n").utf8) + (body ?? Data()), to: descriptor)

        var answer = Data()
        var buffer = [UInt8](repeating: 0, count: 65_536)
        var end: (head: Int, body: Int?)?
        while end?.body.map({ answer.count < $0 }) ?? true {
            let count = recv(descriptor, &buffer, buffer.count, 0)
            guard count >= 0 else { throw Failure(description: "\(method) \(path): no answer, error \(errno)") }
            if count == 0 { break }
            answer.append(contentsOf: buffer[..<count])
            if end == nil, let found = answer.firstRange(of: Data("\r\n\r\n".utf8)) {
                let length = field("content-length", of: answer[..<found.lowerBound]).flatMap { Int($0) }
                end = (found.upperBound, length.map { found.upperBound + $0 })
            }
        }
        let line = String(decoding: answer.prefix { $0 != UInt8(ascii: "\r") }, as: UTF8.self).split(separator: " ")
        guard let end, answer.count >= end.body ?? 0, line.count > 1, let status = Int(line[1]) else {
            throw Failure(description: "\(method) \(path): the answer is torn after \(answer.count) bytes")
        }
        return (status, answer[end.head..<(end.body ?? answer.count)])
    }

    private static func write(_ bytes: [UInt8], to descriptor: Int32) throws {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            guard count > 0 else { throw Failure(description: "sending: error \(errno)") }
            rest = rest.dropFirst(count)
        }
    }

    private static func field(_ name: String, of head: Data) -> String? {
        String(decoding: head, as: UTF8.self).components(separatedBy: "\r\n").lazy
            .map { $0.split(separator: ":", maxSplits: 1) }
            .first { $0.count == 2 && $0[0].lowercased() == name }?[1].trimmingCharacters(in: .whitespaces)
    }
}
