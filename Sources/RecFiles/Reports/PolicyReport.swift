// The frontier of policies for people, programs and the eye.
import Foundation
import RecCore

/// What policies cost and discover; the first is greedy.
public struct PolicyReport: Sendable {
    /// One a policy, greedy first.
    public let figures: [PolicyFigures]
    /// Users that were judged.
    public let users: Int
    /// Share of MAP@12 at which discoveries are compared.
    public let loss: Double
    /// - Parameters:
    ///   - figures: greedy first.
    ///   - users: how many were judged.
    ///   - loss: share of MAP@12 at which discoveries are compared.
    public init(figures: [PolicyFigures], users: Int, loss: Double) {
        (self.figures, self.users, self.loss) = (figures, users, loss)
    }

    /// Every policy at several strengths, and compositions.
    public static let grid: [ComposedPolicy] = {
        let tempers = [0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5, 0.75]
        let temperatures = [0.1, 0.2, 0.3, 0.4, 0.5, 0.75, 1]
        var grid: [ComposedPolicy] = [.greedy]
        grid += tempers.map { ComposedPolicy(.greedy, temper: $0) }
        grid += temperatures.map { ComposedPolicy(.plackettLuce(temperature: $0)) }
        for temper in [0.1, 0.2, 0.3] {
            grid += temperatures.prefix(4).map { ComposedPolicy(.plackettLuce(temperature: $0), temper: temper) }
        }
        grid += [0.02, 0.05, 0.1, 0.2].map { ComposedPolicy(.epsilonGreedy($0)) }
        grid += [0.25, 0.5, 1, 2].map { ComposedPolicy(.thompson(sigma: $0)) }
        grid += [0.25, 0.5, 1, 2, 4].map { strength in
            var policy = ComposedPolicy()
            policy.diversity = strength
            return policy
        }
        return grid
    }()

    private var greedy: PolicyFigures? { figures.first { $0.policy == .greedy } ?? figures.first }

    private func loss(of row: PolicyFigures) -> Double {
        guard let greedy, greedy.map12 > 0 else { return 0 }
        return 1 - row.map12 / greedy.map12
    }

    /// The policy with the most relevant items outside the head within the loss.
    public var best: PolicyFigures? {
        figures.filter { loss(of: $0) <= loss }.max { ($0.tailHits, $0.map12) < ($1.tailHits, $1.map12) }
    }

    /// For a person: a line a policy, and the one that discovers most within the loss.
    public var table: String {
        var lines = [
            "\(users) users; head: the most taken items; tail hits: taken items among the first 12 outside the head, a user",
            "policy".padded(to: 44)
                + "MAP@12            loss %  tail hits         lead %  coverage  novelty  diversity  us",
        ]
        for row in figures {
            func margin(_ interval: Interval?) -> String {
                interval.map { String(format: " \u{b1} %.4f", $0.margin) } ?? ""
            }
            let lead = greedy.map { $0.tailHits > 0 ? (row.tailHits / $0.tailHits - 1) * 100 : 0 } ?? 0
            let numbers = String(
                format: "%8.1f  %8.4f  %7.3f  %9.4f  %.1f", lead, row.coverage, row.novelty, row.diversity,
                row.nanoseconds / 1000)
            lines.append(
                row.policy.text.padded(to: 44)
                    + (String(format: "%.4f", row.map12) + margin(row.map12Interval)).padded(to: 18)
                    + String(format: "%6.2f", loss(of: row) * 100).padded(to: 8)
                    + (String(format: "%.4f", row.tailHits) + margin(row.tailHitsInterval)).padded(to: 18) + numbers)
        }
        if let best, let greedy, greedy.tailHits > 0 {
            lines.append(
                String(
                    format:
                        "within %.1f %% of MAP@12: %@ finds %.1f %% more relevant items outside the head than greedy",
                    loss * 100, best.policy.text, (best.tailHits / greedy.tailHits - 1) * 100))
        }
        return lines.joined(separator: "\n")
    }

    /// One JSON object a policy.
    public func json() throws -> String {
        struct Row: Encodable {
            let policy: String
            let map12, map12Low, map12High, loss, tailHits, tailHitsLow, tailHitsHigh: Double?
            let coverage, novelty, diversity, microseconds: Double
        }
        let rows = figures.map { row in
            Row(
                policy: row.policy.text, map12: row.map12, map12Low: row.map12Interval?.low,
                map12High: row.map12Interval?.high, loss: loss(of: row), tailHits: row.tailHits,
                tailHitsLow: row.tailHitsInterval?.low, tailHitsHigh: row.tailHitsInterval?.high,
                coverage: row.coverage, novelty: row.novelty, diversity: row.diversity,
                microseconds: row.nanoseconds / 1000)
        }
        return try PrettyJSON.text(rows)
    }

    /// A page with the frontiers: loss of MAP@12 against what is discovered.
    public func page(title: String) -> String {
        func plot(_ name: String, _ value: (PolicyFigures) -> Double) -> String {
            LinePlot(
                title: name, xLabel: "loss of MAP@12, percent", yLabel: name,
                series: families.map { family in
                    LinePlot.Series(
                        name: family.name, points: family.rows.map { (loss(of: $0) * 100, value($0)) })
                }, mark: loss * 100
            ).svg
        }
        return ReportPage.document(
            title: title,
            body: """
                <h1>\(ReportPage.escaped(title))</h1>\(plot("relevant items outside the head, a user") { $0.tailHits })
                \(plot("coverage of the catalogue") { $0.coverage })\(plot("novelty, bits") { $0.novelty })
                \(ReportPage.table(table))
                """)
    }

    /// Policies of one kind in the order of their strength; each begins with greedy.
    private var families: [(name: String, rows: [PolicyFigures])] {
        var order: [String] = []
        var rows: [String: [PolicyFigures]] = [:]
        for row in figures where row.policy != .greedy {
            let policy = row.policy
            let choice =
                switch policy.choice {
                case .greedy: policy.diversity > 0 ? "diversity" : "temper"
                case .epsilonGreedy: "epsilon-greedy"
                case .plackettLuce: policy.temper == 0 ? "Plackett-Luce" : "Plackett-Luce, temper \(policy.temper)"
                case .thompson: "Thompson"
                }
            if rows[choice] == nil { order.append(choice) }
            rows[choice, default: greedy.map { [$0] } ?? []].append(row)
        }
        return order.map { ($0, rows[$0] ?? []) }
    }
}
