// An evaluation for other programs.
import Foundation
import RecCore

extension FoldedEvaluation {
    /// One JSON object: `rows` (means over the windows), `folds` (each with `cut_milliseconds` or null, `users`,
    /// `users_with_history`, `rows`, `segments`), `skipped`, `notes`. A row has `name`, `figures` (`metric`, `value`, `low`, `high`) and `lead`.
    public func json() throws -> String {
        let report = ReportJSON(
            rows: rows.map(RowJSON.init), folds: folds.map(FoldJSON.init), skipped: skipped, notes: notes)
        return try PrettyJSON.text(report)
    }
}

private struct ReportJSON: Encodable {
    let rows: [RowJSON]
    let folds: [FoldJSON]
    let skipped: [String]
    let notes: [String]
}

private struct FoldJSON: Encodable {
    let cutMilliseconds: Int64?
    let users: Int
    let usersWithHistory: Int
    let rows: [RowJSON]
    let segments: [SegmentJSON]
    init(_ fold: EvaluationReport) {
        (cutMilliseconds, users, usersWithHistory) = (fold.cut?.milliseconds, fold.users, fold.usersWithHistory)
        rows = fold.rows.map(RowJSON.init)
        segments = fold.segments.map { SegmentJSON(name: $0.name, users: $0.users, rows: $0.rows.map(RowJSON.init)) }
    }
}

private struct SegmentJSON: Encodable {
    let name: String
    let users: Int
    let rows: [RowJSON]
}

private struct RowJSON: Encodable {
    /// A figure by its name; an array keeps the names out of the reach of key conversion.
    struct Figure: Encodable {
        let metric: String
        let value: Double
        let low: Double?
        let high: Double?
    }
    let name: String
    let figures: [Figure]
    let lead: Double?
    let leadLow: Double?
    let leadHigh: Double?
    init(_ row: EvaluationRow) {
        name = row.name
        figures = row.metrics.sorted { $0.key < $1.key }.map { metric, value in
            Figure(metric: metric, value: value, low: row.intervals[metric]?.low, high: row.intervals[metric]?.high)
        }
        (lead, leadLow, leadHigh) = (row.lead, row.leadInterval?.low, row.leadInterval?.high)
    }
}
