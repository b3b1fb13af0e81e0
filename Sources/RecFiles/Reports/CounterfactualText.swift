// What a log says of another policy, for people and programs.
import Foundation
import RecCore

extension CounterfactualReport {
    /// For a person: the policy's estimates with interval, effective sample size and mean weight, and what was left
    /// out.
    public var table: String {
        func number(_ value: Double) -> String { String(format: "%.5f", value) }
        let margin = loggedInterval.map { " (\(number($0.low)) to \(number($0.high)))" } ?? ""
        var lines = [
            "\(slates) slates with candidates; the log's own policies earned \(number(logged)) a slate\(margin)",
            "estimates for \(policy):",
            "estimator".padded(to: 12) + "reward".padded(to: 10) + "95 % interval".padded(to: 24)
                + "of log".padded(to: 9)
                + "ESS".padded(to: 10) + "mean weight",
        ]
        for estimate in estimates {
            let value = estimate.value.map(number) ?? "-"
            let interval = estimate.interval.map { "\(number($0.low)) to \(number($0.high))" } ?? "-"
            let ratio = estimate.value.flatMap { logged > 0 ? String(format: "%.3f", $0 / logged) : nil } ?? "-"
            lines.append(
                estimate.estimator.rawValue.padded(to: 12) + value.padded(to: 10) + interval.padded(to: 24)
                    + ratio.padded(to: 9)
                    + String(format: "%.1f", estimate.effectiveSampleSize).padded(to: 10)
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
        if let best, let value = best.value, logged > 0 {
            lines.append(
                "read \(best.estimator.rawValue): \(number(value)) a slate, "
                    + String(format: "%.3f of what the log earned", value / logged))
        } else if slates > 0, best == nil {
            lines.append("no estimate may be believed: this log cannot tell what \(policy) would have earned")
        }
        return (lines + leftOut.lines).joined(separator: "\n")
    }

    /// One JSON object a policy, in an array.
    public static func json(_ reports: [Self]) throws -> String {
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
            let best: String?
            let estimates: [Row]
            let withoutCandidates, laterPages, strayEvents, otherReserves, refusals: Int
            let leftOut: [String]
        }
        let rows = reports.map { report in
            Report(
                policy: report.policy, slates: report.slates, logged: report.logged,
                loggedLow: report.loggedInterval?.low, loggedHigh: report.loggedInterval?.high,
                best: report.best?.estimator.rawValue,
                estimates: report.estimates.map { estimate in
                    Row(
                        estimator: estimate.estimator.rawValue, value: estimate.value, low: estimate.interval?.low,
                        high: estimate.interval?.high, effectiveSampleSize: estimate.effectiveSampleSize,
                        meanWeight: estimate.meanWeight, largestWeight: estimate.largestWeight,
                        refusal: estimate.refusal?.description)
                },
                withoutCandidates: report.leftOut.withoutCandidates, laterPages: report.leftOut.laterPages,
                strayEvents: report.leftOut.strayEvents, otherReserves: report.leftOut.otherReserves,
                refusals: report.leftOut.refusals,
                leftOut: report.leftOut.refused)
        }
        return try PrettyJSON.text(rows)
    }
}

extension CounterfactualReport.LeftOut {
    fileprivate var lines: [String] {
        var lines: [String] = []
        if withoutCandidates > 0 {
            lines.append(
                "\(withoutCandidates) impressions left out: their policy leaves nothing to chance, so they say nothing of another"
            )
        }
        if laterPages > 0 { lines.append("\(laterPages) later pages of lists left out") }
        if strayEvents > 0 {
            lines.append(
                "\(strayEvents) events name an answer that did not show their item: they count for nothing; look at what the "
                    + "clients send as recommendation_id")
        }
        if otherReserves > 0 {
            lines.append(
                "\(otherReserves) slates keep a place for new items that this policy does not keep alike, and say little of it from "
                    + "there on: name the log's +reserve, or count fewer --places")
        }
        if refusals > 0 { lines.append("\(refusals) impressions cannot be used, such as") }
        return lines + refused.map { "left out: \($0)" }
    }
}
