// An evaluation as a table and as JSON.
import Foundation
import RecCore

extension EvaluationReport {
    /// A table for a person.
    public var table: String {
        func padded(_ text: String, _ width: Int) -> String {
            text + String(repeating: " ", count: max(0, width - text.count))
        }
        var lines = [
            "test users: \(users), of whom \(usersWithHistory) have a history; "
                + (cut.map { "reserved: from \($0.dayText) on" } ?? "random hold-out: the data have no times"),
            padded("", 38) + Self.metricNames.map { padded($0, 12) }.joined(),
        ]
        for row in rows {
            lines.append(
                padded(row.name, 38)
                    + Self.metricNames.map { padded(String(format: "%.4f", row.metrics[$0] ?? 0), 12) }.joined())
        }
        lines.append(
            "MAP@12: denominator min(items taken, 12), repurchases count; every list ranks the whole catalogue.")
        return lines.joined(separator: "\n")
    }

    /// One JSON object: cut (milliseconds or null), users, rows with name and metrics.
    public func json() throws -> String {
        struct Row: Encodable {
            let name: String
            let metrics: [String: Double]
        }
        struct Report: Encodable {
            let cutMilliseconds: Int64?
            let users: Int
            let usersWithHistory: Int
            let rows: [Row]
        }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted]
        let report = Report(
            cutMilliseconds: cut?.milliseconds, users: users, usersWithHistory: usersWithHistory,
            rows: rows.map { Row(name: $0.name, metrics: $0.metrics) })
        return String(decoding: try encoder.encode(report), as: UTF8.self)
    }
}
