// What a log says of another policy, for people and programs.
import Foundation
import RecCore

extension CounterfactualReport {
    public var table: String {
        func number(_ value: Double) -> String { String(format: "%.5f", value) }
        func cell(_ text: String, _ width: Int) -> String {
            text.count >= width ? text + " " : text + String(repeating: " ", count: width - text.count)
        }
        let margin = loggedInterval.map { " (\(number($0.low)) to \(number($0.high)))" } ?? ""
        var lines = [
            "\(slates) slates with candidates; the log's own policies earned \(number(logged)) a slate\(margin)",
            "estimates for \(policy):",
            cell("estimator", 12) + cell("reward", 10) + cell("95 % interval", 24) + cell("of log", 9)
                + cell("ESS", 10) + "mean weight",
        ]
        for estimate in estimates {
            let value = estimate.value.map(number) ?? "-"
            let interval = estimate.interval.map { "\(number($0.low)) to \(number($0.high))" } ?? "-"
            let ratio = estimate.value.flatMap { logged > 0 ? String(format: "%.3f", $0 / logged) : nil } ?? "-"
            lines.append(
                cell(estimate.estimator.rawValue, 12) + cell(value, 10) + cell(interval, 24) + cell(ratio, 9)
                    + cell(String(format: "%.1f", estimate.effectiveSampleSize), 10)
                    + String(format: "%.3f", estimate.meanWeight)
                    + (estimate.refusal == nil ? "" : "   not to be believed"))
        }
        var reasons: [String] = []
        for estimate in estimates {
            if let refusal = estimate.refusal?.description, !reasons.contains(refusal) { reasons.append(refusal) }
        }
        lines += reasons.map { "refused: \($0)" }
        if slates > 0, logged == 0 {
            lines.append(
                "no event of the kinds that count (--reward) names an item of these answers by their recommendation_id"
            )
        }
        if withoutCandidates > 0 {
            lines.append(
                "\(withoutCandidates) impressions left out: their policy leaves nothing to chance, so they say nothing of another"
            )
        }
        if laterPages > 0 { lines.append("\(laterPages) later pages of lists left out") }
        if refusals > 0 { lines.append("\(refusals) impressions cannot be used, such as") }
        lines += refused.map { "left out: \($0)" }
        return lines.joined(separator: "\n")
    }

    /// One JSON object.
    public func json() throws -> String {
        struct Row: Encodable {
            let estimator: String
            let value, low, high: Double?
            let effectiveSampleSize, meanWeight, largestWeight: Double
            let refusal: String?
        }
        struct Report: Encodable {
            let policy: String
            let slates: Int
            let logged: Double
            let loggedLow, loggedHigh: Double?
            let estimates: [Row]
            let withoutCandidates, laterPages: Int
            let leftOut: [String]
        }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .prettyPrinted]
        encoder.keyEncodingStrategy = .convertToSnakeCase
        let rows = estimates.map { estimate in
            Row(
                estimator: estimate.estimator.rawValue, value: estimate.value, low: estimate.interval?.low,
                high: estimate.interval?.high, effectiveSampleSize: estimate.effectiveSampleSize,
                meanWeight: estimate.meanWeight, largestWeight: estimate.largestWeight,
                refusal: estimate.refusal?.description)
        }
        let report = Report(
            policy: policy, slates: slates, logged: logged, loggedLow: loggedInterval?.low,
            loggedHigh: loggedInterval?.high, estimates: rows, withoutCandidates: withoutCandidates,
            laterPages: laterPages, leftOut: refused)
        return String(decoding: try encoder.encode(report), as: UTF8.self)
    }
}
