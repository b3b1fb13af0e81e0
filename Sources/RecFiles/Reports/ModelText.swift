// A model in a few lines.
import Foundation
import RecCore

extension ModelSnapshot {
    /// What was trained, for a person.
    public var summary: String {
        let number = ProgressReporter.grouped
        let weights = Signal.allCases.filter { configuration.weights[$0] != 0 }
            .map { "\($0.name) \(String(format: "%.2f", configuration.weights[$0]))" }.joined(separator: ", ")
        var lines = [
            "model \(version): \(number(Int64(history.eventCount))) events, \(number(Int64(history.users.count))) users, "
                + "\(number(Int64(history.items.count))) items, \(history.firstTime.dayText) to \(history.lastTime.dayText)",
            "factors \(configuration.als.dimension), channels: \(weights); "
                + (configuration.repeats ? "items may come again" : "items come once"),
        ]
        for (name, value) in metrics.sorted(by: { $0.key < $1.key }) {
            lines.append("\(name): \(String(format: "%.4f", value))")
        }
        if let exploration = configuration.exploration {
            lines.append(
                "stochastic policy: \(exploration.policy(forStranger: false).text); for users without a past "
                    + exploration.policy(forStranger: true).text)
        }
        return lines.joined(separator: "\n")
    }
}
