// Steps of a training run as lines for a person.
import Foundation
import RecCore

/// Tells each step on the error output; sweeps go through a ``ProgressReporter``.
public final class TrainingProgress: Sendable {
    private let sweeps = ProgressReporter(label: "factors", unit: "sweeps")
    public init() {}

    public func report(_ step: TrainingStep) {
        switch step {
        case .building: say("building the interaction matrix")
        case .validating: say("validation: training on all but the last days of the training data")
        case .sweep(let number, let count):
            sweeps.update(Int64(number), fraction: Double(number) / Double(count))
            if number == count { sweeps.finish(Int64(number)) }
        case .neighbours: say("item neighbours")
        case .content: say("item content")
        case .fittingBlend(let users): say("fitting the blend on \(users) validation users")
        case .done: say("trained")
        }
    }

    private func say(_ text: String) { FileHandle.standardError.write(Data("train: \(text)\n".utf8)) }
}
