// An evaluation as one page with plots: no script, no other file.
import Foundation
import RecCore

extension FoldedEvaluation {
    /// A self-contained page; well-formed XML.
    /// - Parameter title: what was judged, such as the range of the data.
    public func page(title: String) -> String {
        var body = "<h1>\(ReportPage.escaped(title))</h1>"
        if folds.count > 1 {
            body += "<h2>Mean of \(folds.count) windows</h2>" + EvaluationPage.whiskers(rows, metric: "MAP@12")
            body += "<h2>MAP@12 by window</h2>" + EvaluationPage.curves(self)
        }
        for fold in folds {
            body +=
                "<h2>\(ReportPage.escaped(fold.title))</h2>" + EvaluationPage.whiskers(fold.rows, metric: "MAP@12")
            body += EvaluationPage.figures(fold.rows)
        }
        for segment in folds.first?.segments ?? [] {
            body += "<h2>Segment \(ReportPage.escaped(segment.name)): \(segment.users) users</h2>"
            body += segment.rows.isEmpty ? "<p>no users</p>" : EvaluationPage.whiskers(segment.rows, metric: "MAP@12")
        }
        for reason in skipped { body += "<p>left out: \(ReportPage.escaped(reason))</p>" }
        for note in notes { body += "<p>note: \(ReportPage.escaped(note))</p>" }
        body += """
            <p>Dots are means over users, whiskers 95 % intervals of the bootstrap over users. MAP@12 has the
            denominator min(items taken, 12); repurchases count; every list ranks the whole catalogue.</p>
            """
        return ReportPage.document(title: title, body: body)
    }
}

enum EvaluationPage {
    /// A dot and its interval a line.
    static func whiskers(_ rows: [EvaluationRow], metric: String) -> String {
        let most = max(1e-9, rows.map { $0.intervals[metric]?.high ?? $0.metrics[metric] ?? 0 }.max() ?? 0)
        let (left, width, step) = (260.0, 520.0, 24.0)
        func x(_ value: Double) -> String { String(format: "%.1f", left + width * max(0, value) / most) }
        let height = step * Double(rows.count) + 40
        var svg =
            "<svg viewBox=\"0 0 860 \(Int(height))\" role=\"img\" aria-label=\"\(ReportPage.escaped(metric)) with intervals\">"
        for tick in 0...4 {
            let value = most * Double(tick) / 4
            svg += "<line class=\"axis\" x1=\"\(x(value))\" x2=\"\(x(value))\" y1=\"10\" y2=\"\(Int(height - 25))\"/>"
            svg +=
                "<text x=\"\(x(value))\" y=\"\(Int(height - 8))\" text-anchor=\"middle\">\(String(format: "%.3f", value))</text>"
        }
        for (place, row) in rows.enumerated() {
            let y = Int(step * Double(place) + 22)
            let value = row.metrics[metric] ?? 0
            svg += "<text x=\"250\" y=\"\(y + 4)\" text-anchor=\"end\">\(ReportPage.escaped(row.name))</text>"
            svg += "<g class=\"\(place == 0 ? "own" : "other")\">"
            if let interval = row.intervals[metric] {
                svg +=
                    "<line x1=\"\(x(interval.low))\" x2=\"\(x(interval.high))\" y1=\"\(y)\" y2=\"\(y)\" stroke-width=\"3\"/>"
            }
            svg += "<circle cx=\"\(x(value))\" cy=\"\(y)\" r=\"5\"/></g>"
            svg += "<text x=\"790\" y=\"\(y + 4)\">\(String(format: "%.4f", value))</text>"
        }
        return svg + "</svg>"
    }

    /// MAP@12 of the model and the best baseline over the windows, oldest left.
    static func curves(_ report: FoldedEvaluation) -> String {
        let folds = Array(report.folds.reversed())
        let names = report.rows.map(\.name)
        let best = report.rows.dropFirst().max { $0.metrics["MAP@12"] ?? 0 < $1.metrics["MAP@12"] ?? 0 }?.name
        func values(_ name: String) -> [Double] {
            folds.map { fold in fold.rows.first { $0.name == name }?.metrics["MAP@12"] ?? 0 }.map {
                $0.isFinite ? $0 : 0
            }
        }
        let most = max(1e-9, names.flatMap(values).max() ?? 0)
        func points(_ name: String) -> String {
            values(name).enumerated().map { place, value in
                String(
                    format: "%.1f,%.1f", 60 + 700 * Double(place) / Double(max(1, folds.count - 1)),
                    190 - 170 * value / most)
            }.joined(separator: " ")
        }
        var svg = "<svg viewBox=\"0 0 860 230\" role=\"img\" aria-label=\"MAP@12 by window\">"
        svg += "<line class=\"axis\" x1=\"60\" x2=\"760\" y1=\"190\" y2=\"190\"/>"
        for (place, fold) in folds.enumerated() {
            let x = 60 + 700 * Double(place) / Double(max(1, folds.count - 1))
            svg +=
                "<text x=\"\(Int(x))\" y=\"210\" text-anchor=\"middle\">\(ReportPage.escaped(fold.cut?.dayText ?? "hold-out \(place + 1)"))</text>"
        }
        for (name, style) in [(names.first, "own"), (best, "other")] {
            guard let name else { continue }
            svg += "<polyline class=\"\(style)\" points=\"\(points(name))\"/>"
            let last = values(name).last ?? 0
            svg += "<text x=\"766\" y=\"\(Int(194 - 170 * last / most))\">\(ReportPage.escaped(name))</text>"
        }
        return svg + "</svg>"
    }

    static func figures(_ rows: [EvaluationRow]) -> String {
        let names = EvaluationReport.metricNames
        var table =
            "<table><thead><tr><th>list</th>" + names.map { "<th>\(ReportPage.escaped($0))</th>" }.joined()
            + "</tr></thead><tbody>"
        for row in rows {
            table += "<tr><td>\(ReportPage.escaped(row.name))</td>"
            for name in names {
                let margin = row.intervals[name].map { String(format: " \u{b1} %.4f", $0.margin) } ?? ""
                table += "<td>" + (row.metrics[name].map { String(format: "%.4f", $0) } ?? "") + margin + "</td>"
            }
            table += "</tr>"
        }
        return table + "</tbody></table>"
    }
}
