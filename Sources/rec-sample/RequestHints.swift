// What to try next, with ids of this very shop.
import Foundation
import RecCore

/// Requests that work on the served model.
struct RequestHints {
    private let user: String
    private let items: [String]
    private let kind = "view"

    init(_ snapshot: ModelSnapshot) {
        let history = snapshot.history
        let row = (0..<history.users.count).max {
            history.matrix.range(of: $0).count < history.matrix.range(of: $1).count
        }
        user = row.map { history.users.name(of: $0) } ?? "somebody"
        let events = history.decayedEvents(3)
        let popular = (0..<history.items.count).sorted {
            (events[$1], $0) < (events[$0], $1)
        }
        items = popular.prefix(3).map { history.items.name(of: $0) }
    }

    func text(host: String, port: Int) -> String {
        let base = "http://\(host):\(port)"
        func path(_ id: String) -> String {
            var allowed = CharacterSet.alphanumerics
            allowed.insert(charactersIn: "-._~")
            return id.addingPercentEncoding(withAllowedCharacters: allowed) ?? id
        }
        func json(_ value: [String: Any]) -> String {
            let data = try? JSONSerialization.data(
                withJSONObject: value, options: [.sortedKeys, .withoutEscapingSlashes])
            let text = data.map { String(decoding: $0, as: UTF8.self) } ?? "{}"
            return "'" + text.replacingOccurrences(of: "'", with: "'\\''") + "'"
        }
        func post(_ path: String, _ body: [String: Any]) -> String { "curl -s \(base)\(path) -d \(json(body))" }
        let first = items.first ?? "item"
        let last = items.last ?? "item"
        return """

            serving on \(base); open it in a browser to see it think; stop with control-C. Or try:

            # the customer with the longest history
            curl -s '\(base)/v1/users/\(path(user))/recommendations?limit=5'
            # each mode
            \(post("/v1/recommendations", ["mode": "cold_start", "limit": 5]))
            \(post("/v1/recommendations", ["mode": "similarity", "items": [first], "limit": 5]))
            \(post("/v1/recommendations", ["mode": "cross_sell", "items": items, "limit": 5]))
            \(post("/v1/recommendations", ["mode": "recency", "user": user, "limit": 5]))
            curl -s '\(base)/v1/items/\(path(first))/similar?limit=5'
            # an event changes the very next answer
            \(post("/v1/events", ["user": "new-visitor", "item": last, "kind": kind]))
            curl -s '\(base)/v1/users/new-visitor/recommendations?limit=5'
            # health
            curl -s \(base)/readyz
            """
    }
}
