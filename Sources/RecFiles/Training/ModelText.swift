// A model in a few lines, and the names of versions.
import Foundation
import RecCore

extension ModelVersion {
    /// `v20260131-235959-123` of a moment (UTC): versions sort by age.
    public static func named(at time: Timestamp) -> ModelVersion? {
        let milliseconds = ((time.milliseconds % 86_400_000) + 86_400_000) % 86_400_000
        let (seconds, rest) = milliseconds.quotientAndRemainder(dividingBy: 1000)
        func padded(_ value: Int64, _ width: Int) -> String {
            String(repeating: "0", count: max(0, width - String(value).count)) + String(value)
        }
        let day = time.dayText.filter { $0 != "-" }
        let clock = padded(seconds / 3600, 2) + padded(seconds / 60 % 60, 2) + padded(seconds % 60, 2)
        return ModelVersion("v\(day)-\(clock)-\(padded(rest, 3))")
    }
}

extension ModelSnapshot {
    /// What was trained, for a person.
    public var summary: String {
        let number = ProgressReporter.grouped
        let weights = Channel.allCases.map { "\($0.name) \(configuration.channels[$0])" }.joined(separator: ", ")
        var lines = [
            "model \(version): \(number(Int64(history.eventCount))) events, \(number(Int64(history.users.count))) users, "
                + "\(number(Int64(history.items.count))) items, \(history.firstTime.dayText) to \(history.lastTime.dayText)",
            "factors \(configuration.als.dimension), channels: \(weights); "
                + (configuration.repeats ? "items may come again" : "items come once"),
        ]
        for (name, value) in metrics.sorted(by: { $0.key < $1.key }) {
            lines.append("\(name): \(String(format: "%.4f", value))")
        }
        return lines.joined(separator: "\n")
    }
}
