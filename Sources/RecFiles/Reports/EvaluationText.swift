// An evaluation as a table for a person.
import Foundation
import RecCore

extension FoldedEvaluation {
    /// All windows, their mean where there are several, and the segments of the last.
    public var table: String {
        var lines: [String] = []
        for (number, fold) in folds.enumerated() {
            let title = folds.count > 1 ? "window \(number + 1): " : ""
            lines += [title + fold.title, EvaluationText.head] + fold.rows.map(EvaluationText.line) + [""]
        }
        if folds.count > 1 {
            lines += ["mean of \(folds.count) windows", EvaluationText.head] + rows.map(EvaluationText.line) + [""]
        }
        lines += (folds.first?.segments ?? []).flatMap(EvaluationText.segment)
        lines += skipped.map { "left out: \($0)" } + notes.map { "note: \($0)" }
        lines.append(
            "\u{b1} is half of the 95 % interval (bootstrap over users). MAP@12: denominator min(items taken, 12), repurchases"
        )
        lines.append("count; every list ranks the whole catalogue. lead: MAP@12 of the model less that of the line.")
        return lines.joined(separator: "\n")
    }

    /// The model and the simplest baselines, for a short report.
    public var shortTable: String {
        let simple = ["hybrid model"] + [Baselines.Name.popularAllTime, .popularLastWeek, .ownHistory].map(\.rawValue)
        let title = folds.first?.title ?? ""
        return
            ([
                folds.count > 1 ? "mean of \(folds.count) windows; the newest: \(title)" : title, EvaluationText.head,
            ]
            + rows.filter { simple.contains($0.name) }.map(EvaluationText.line)).joined(separator: "\n")
    }
}

extension EvaluationReport {
    /// Who was judged, and on what.
    public var title: String {
        "\(users) users judged, of whom \(usersWithHistory) have a history; "
            + (cut.map { "reserved: from \($0.dayText) on" } ?? "random hold-out: the data have no times")
    }
}

private enum EvaluationText {
    static let width = 36
    static let columns = ["MAP@12", "Recall@20", "NDCG@20"]
    static let head =
        "".padded(to: width) + columns.map { $0.padded(to: 16) }.joined() + "HitRate@12".padded(to: 11)
        + "Coverage".padded(to: 10) + "lead"

    static func line(_ row: EvaluationRow) -> String {
        var text = row.name.padded(to: width)
        for column in columns {
            let margin = row.intervals[column].map { String(format: " \u{b1}%.4f", $0.margin) } ?? ""
            text += (String(format: "%.4f", row.metrics[column] ?? 0) + margin).padded(to: 16)
        }
        text += String(format: "%.4f", row.metrics["HitRate@12"] ?? 0).padded(to: 11)
        text += (row.metrics["Coverage@12"].map { String(format: "%.4f", $0) } ?? "").padded(to: 10)
        if let lead = row.lead, let interval = row.leadInterval {
            text += String(format: "%+.4f \u{b1}%.4f", lead, interval.margin)
        }
        return text
    }

    static func segment(_ segment: EvaluationSegment) -> [String] {
        guard let model = segment.rows.first else { return ["segment \(segment.name): no users"] }
        let best = segment.rows.dropFirst().max { $0.metrics["MAP@12"] ?? 0 < $1.metrics["MAP@12"] ?? 0 }
        return ["segment \(segment.name): \(segment.users) users"] + [line(model)] + (best.map { [line($0)] } ?? [])
    }
}
