// The estimators on the Open Bandit data against the numbers of obp 0.4.1; Scripts/open-bandit fetches the data.
import Foundation
import Testing

@testable import RecCore

/// The small Open Bandit data: random/{all,men,women}.csv and prior_bts.yaml.
private enum OpenBandit {
    /// What `REC_OPEN_BANDIT` names.
    static let folder = ProcessInfo.processInfo.environment["REC_OPEN_BANDIT"].flatMap { $0.isEmpty ? nil : $0 }

    struct Decision {
        let item: Int
        let position: Int
        let click: Double
        let propensity: Double
    }

    static func text(_ name: String) throws -> String {
        try String(contentsOfFile: try #require(folder) + "/" + name, encoding: .utf8)
    }

    /// Columns: number, time, item_id, position, click, propensity_score, features of the user.
    static func decisions(_ campaign: String) throws -> [Decision] {
        try text("random/\(campaign).csv").split(whereSeparator: \.isNewline).dropFirst().map { line in
            let fields = line.split(separator: ",", maxSplits: 6)
            return Decision(
                item: try #require(Int(fields[2])), position: try #require(Int(fields[3])),
                click: try #require(Double(fields[4])), propensity: try #require(Double(fields[5])))
        }
    }

    /// alpha / (alpha + beta) of each item.
    static func priorMeans(_ campaign: String) throws -> [Double] {
        var section = ""
        var values: [String: [Double]] = [:]
        for line in try text("prior_bts.yaml").split(whereSeparator: \.isNewline) {
            let word = line.trimmingCharacters(in: .whitespaces)
            if word.hasPrefix("- ") {
                values[section, default: []].append(try #require(Double(word.dropFirst(2))))
            } else {
                section = line.first == " " ? String(section.prefix { $0 != "/" }) + "/" + word : word
            }
        }
        let alpha = try #require(values["\(campaign):/alpha:"])
        let beta = try #require(values["\(campaign):/beta:"])
        return zip(alpha, beta).map { $0 / ($0 + $1) }
    }
}

@Suite(.enabled(if: OpenBandit.folder != nil, "REC_OPEN_BANDIT names no folder; Scripts/open-bandit makes one"))
struct OffPolicyOpenBanditTests {
    struct Golden: CustomTestStringConvertible, Sendable {
        let campaign: String
        /// IPW, SNIPW, DM, DR, SNDR, Switch-DR, DRos.
        let values: [Double]
        let effectiveSampleSize: Double
        var testDescription: String { campaign }
    }

    static let golden = [
        Golden(
            campaign: "all",
            values: [0.00459310, 0.00470677, 0.00415283, 0.00456196, 0.00457209, 0.00411060, 0.00416454],
            effectiveSampleSize: 2621.6),
        Golden(
            campaign: "men",
            values: [0.00519854, 0.00527307, 0.00507030, 0.00530844, 0.00531186, 0.00515153, 0.00507512],
            effectiveSampleSize: 2771.1),
        Golden(
            campaign: "women",
            values: [0.00626879, 0.00631414, 0.00566227, 0.00639719, 0.00640251, 0.00567272, 0.00571794],
            effectiveSampleSize: 2997.3),
    ]

    /// The random policy's log judges pi(a) in proportion to exp(mu_a / 0.0005), the same at all positions. Tolerances
    /// are half of the last digit that was written down.
    @Test(arguments: golden) func theNumbersAreThoseOfOpenBanditPipeline(_ golden: Golden) throws {
        let log = try OpenBandit.decisions(golden.campaign)
        let means = try OpenBandit.priorMeans(golden.campaign)
        let best = try #require(means.max())
        let total = means.reduce(0) { $0 + expOf(($1 - best) / 0.0005) }
        let policy = means.map { expOf(($0 - best) / 0.0005) / total }
        let model = try RewardModel(
            log.enumerated().map {
                LoggedReward(cluster: $0, item: $1.item, place: $1.position, reward: $1.click)
            }, strength: 50)
        let expected = (0...3).map { position in
            policy.indices.reduce(0) { $0 + policy[$1] * model.reward(of: $1, at: position) }
        }
        let slates = try log.enumerated().map { number, row in
            try LoggedSlate(
                cluster: number, rewards: [row.click], logged: [logOf(row.propensity)],
                evaluated: [logOf(policy[row.item])], predicted: [model.reward(of: row.item, at: row.position)],
                expected: [expected[row.position]])
        }

        let estimates = OffPolicyEstimate.estimates(
            slates, by: [.ips, .snips, .dm, .dr, .sndr, .switchDR, .drOS],
            settings: try .withoutInterval(switchAt: 2, shrinkage: 1))

        #expect(log.count == 10_000 && Set(log.map(\.item)).count == means.count)
        for (estimate, value) in zip(estimates, golden.values) {
            #expect(abs(try #require(estimate.value) - value) < 5e-9, "\(estimate.estimator)")
            #expect(abs(estimate.effectiveSampleSize - golden.effectiveSampleSize) < 0.05)
            #expect(estimate.refusal == nil)
        }
    }
}
