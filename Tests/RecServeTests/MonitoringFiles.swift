// What Docs/monitoring and the runbook say, read as far as the tests need it.
import Foundation

/// The files beside the code; the YAML of rules is read by its lines, as it is written there.
struct MonitoringFiles {
    struct Rule {
        let name: String
        let isAlert: Bool
        var query = ""
        var runbook = ""
    }
    let rules: [Rule]
    /// Queries of the dashboard, by the titles of their panels.
    let panels: [(title: String, query: String)]
    /// Alerts that a test of the rules sees firing, and those that one sees silent.
    let firing: Set<String>
    let silent: Set<String>
    /// Headings of the runbook's sections.
    let sections: [String]

    private struct Board: Decodable {
        struct Panel: Decodable {
            struct Target: Decodable { let expr: String }
            let title: String
            let targets: [Target]?
        }
        struct Notes: Decodable {
            struct Note: Decodable { let name, expr: String }
            let list: [Note]
        }
        let panels: [Panel]
        let annotations: Notes
    }

    init() throws {
        let docs = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("Docs")
        func text(_ path: String) throws -> String {
            try String(contentsOf: docs.appendingPathComponent(path), encoding: .utf8)
        }
        rules = Self.rules(try text("monitoring/alerts.yml"))
        let board = try JSONDecoder().decode(Board.self, from: Data(try text("monitoring/dashboard.json").utf8))
        panels =
            board.annotations.list.map { ($0.name, $0.expr) }
            + board.panels.flatMap { panel in (panel.targets ?? []).map { (panel.title, $0.expr) } }
        (firing, silent) = Self.outcomes(try text("monitoring/alerts.test.yml"))
        sections = try text("Operations.md").split(separator: "\n").filter { $0.hasPrefix("### Rec") }
            .map { String($0.dropFirst(4)) }
    }

    private static func rules(_ text: String) -> [Rule] {
        var rules: [Rule] = []
        /// Where a query of several lines stands.
        var indent: Int?
        for line in text.split(separator: "\n") {
            let depth = line.prefix { $0 == " " }.count
            let words = line.dropFirst(depth)
            if let open = indent {
                if depth > open {
                    rules[rules.endIndex - 1].query += words + " "
                    continue
                }
                indent = nil
            }
            if words.hasPrefix("- alert: ") || words.hasPrefix("- record: ") {
                rules.append(
                    Rule(name: String(words.split(separator: " ")[2]), isAlert: words.hasPrefix("- alert: ")))
            } else if words.hasPrefix("expr: "), let last = rules.indices.last {
                let query = words.dropFirst(6)
                if query == "|" { indent = depth } else { rules[last].query = String(query) }
            } else if words.hasPrefix("runbook_url: "), let last = rules.indices.last {
                rules[last].runbook = String(words.dropFirst(13))
            }
        }
        return rules
    }

    private static func outcomes(_ text: String) -> (firing: Set<String>, silent: Set<String>) {
        var (firing, silent): (Set<String>, Set<String>) = ([], [])
        var name = ""
        for line in text.split(separator: "\n").map({ $0.trimmingCharacters(in: .whitespaces) }) {
            if line.hasPrefix("alertname: ") { name = String(line.dropFirst(11)) }
            if line == "exp_alerts:" { firing.insert(name) }
            if line == "exp_alerts: []" { silent.insert(name) }
        }
        return (firing, silent)
    }
}
