// What is asked, in which shares.
import ArgumentParser
import Foundation
import NIOCore
import NIOHTTP1

/// One kind of request.
enum RequestKind: String, CaseIterable {
    /// `GET /v1/users/{id}/recommendations`.
    case user
    /// `GET /v1/items/{id}/similar`.
    case similar
    /// `POST /v1/recommendations` with a basket of three.
    case basket
    /// `POST /v1/recommendations` of a visitor with two recent events.
    case visitor
    /// `POST /v1/events` with one event.
    case event
    /// `GET` of `--path`, whatever it is.
    case path
}

/// A request that is ready to be sent.
struct Shot {
    let kind: RequestKind
    let head: HTTPRequestHead
    let body: ByteBuffer?
}

/// Requests drawn at random, the same for the same seed.
struct Workload {
    private let shares: [(kind: RequestKind, end: Double)]
    private let users: [String]
    private let items: [String]
    private let path: String
    private let limit: Int
    private let headers: HTTPHeaders
    private var generator: SplitMix
    private var number = 0
    private let run: UInt64

    /// - Parameter mix: such as `user=0.8,event=0.2`.
    init(
        mix: String, users: [String], items: [String], path: String, limit: Int, host: String, key: String?,
        seed: UInt64
    ) throws {
        var sum = 0.0
        var found: [(RequestKind, Double)] = []
        for part in mix.split(separator: ",") {
            let sides = part.split(separator: "=")
            guard sides.count == 2, let kind = RequestKind(rawValue: String(sides[0])), let share = Double(sides[1]),
                share > 0
            else {
                throw ValidationError(
                    "--mix \(part) is not KIND=SHARE; kinds are \(RequestKind.allCases.map(\.rawValue))")
            }
            sum += share
            found.append((kind, sum))
            if users.isEmpty, kind == .user || kind == .event { throw ValidationError("\(kind) needs --users") }
            if items.isEmpty, kind != .user, kind != .path { throw ValidationError("\(kind) needs --items") }
        }
        guard !found.isEmpty else { throw ValidationError("--mix is empty") }
        shares = found.map { ($0.0, $0.1 / sum) }
        (self.users, self.items, self.path, self.limit) = (users, items, path, limit)
        var headers = HTTPHeaders([("Host", host)])
        if let key { headers.add(name: "Authorization", value: "Bearer \(key)") }
        self.headers = headers
        generator = SplitMix(seed)
        run = UInt64(Date().timeIntervalSince1970 * 1000)
    }

    mutating func next() -> Shot {
        let point = Double.random(in: 0..<1, using: &generator)
        let kind = shares.first { point < $0.end }?.kind ?? shares[0].kind
        number += 1
        switch kind {
        case .user: return get(kind, "/v1/users/\(Self.encoded(anyUser()))/recommendations?limit=\(limit)")
        case .similar: return get(kind, "/v1/items/\(Self.encoded(anyItem()))/similar?limit=\(limit)")
        case .path: return get(kind, path)
        case .basket:
            return post(
                kind, "/v1/recommendations",
                ["items": [anyItem(), anyItem(), anyItem()], "mode": "cross_sell", "limit": limit])
        case .visitor:
            let events = [["item": anyItem(), "kind": "view"], ["item": anyItem(), "kind": "cart"]]
            return post(kind, "/v1/recommendations", ["recent_events": events, "limit": limit])
        case .event:
            return post(
                kind, "/v1/events",
                ["event_id": "load-\(run)-\(number)", "user": anyUser(), "item": anyItem(), "kind": "view"])
        }
    }

    private mutating func anyUser() -> String { users[Int.random(in: 0..<users.count, using: &generator)] }
    private mutating func anyItem() -> String { items[Int.random(in: 0..<items.count, using: &generator)] }

    private func get(_ kind: RequestKind, _ uri: String) -> Shot {
        Shot(kind: kind, head: HTTPRequestHead(version: .http1_1, method: .GET, uri: uri, headers: headers), body: nil)
    }

    private func post(_ kind: RequestKind, _ uri: String, _ body: [String: Any]) -> Shot {
        let data = (try? JSONSerialization.data(withJSONObject: body)) ?? Data()
        var headers = headers
        headers.add(name: "Content-Type", value: "application/json")
        headers.add(name: "Content-Length", value: String(data.count))
        return Shot(
            kind: kind, head: HTTPRequestHead(version: .http1_1, method: .POST, uri: uri, headers: headers),
            body: ByteBuffer(bytes: data))
    }

    private static func encoded(_ id: String) -> String {
        var allowed = CharacterSet.alphanumerics
        allowed.insert(charactersIn: "-._~")
        return id.addingPercentEncoding(withAllowedCharacters: allowed) ?? id
    }
}

/// Reproducible random numbers: SplitMix64 (Steele, Lea, Flood, OOPSLA 2014).
struct SplitMix: RandomNumberGenerator {
    private var state: UInt64
    init(_ seed: UInt64) { state = seed }
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
