// Steps of a training run as lines for a person.
import Foundation
import RecCore
import Synchronization

/// Tells each step on the error output; sweeps go through a ``ProgressReporter``.
public final class TrainingProgress: Sendable {
    /// Of the factorisation under way; each begins its clock anew.
    private let sweeps = Mutex<ProgressReporter?>(nil)
    /// Of the window under judgement.
    private let judged = Mutex<(reporter: ProgressReporter?, isOver: Bool)>((nil, false))
    private let isHeaded = Mutex(false)
    /// A progress that has told of nothing yet.
    public init() {}

    /// Tells of a step on the error output; hand it to a training as its `report`.
    public func report(_ step: TrainingStep) {
        switch step {
        case .building:
            say("building the interaction matrix")
        case .resumed(let what): say("going on from \(what), kept by a run that did not end")
        case .elsewhere(let line): say(line)
        case .notKept(let problem): say("warning: \(problem)")
        case .factorising:
            sweeps.withLock { $0 = ProgressReporter(label: "factors", unit: "sweeps") }
        case .validating(let number):
            say("validation \(number): training on what came before a window of the training data")
        case .sweep(let number, let count, let loss):
            if let loss {
                let parts = [loss.total, loss.observed, loss.unobserved, loss.regularization]
                    .map { String(format: "%.6g", $0) }
                say(
                    "sweep \(number): loss \(parts[0]) = observed \(parts[1]) + unobserved \(parts[2]) + regularization \(parts[3])"
                )
            }
            guard let reporter = sweeps.withLock({ $0 }) else { return }
            reporter.update(Int64(number), fraction: Double(number) / Double(count))
            if number == count { reporter.finish(Int64(number)) }
        case .tuned(let trial):
            if isHeaded.withLock({ isHeaded in
                defer { isHeaded = true }
                return !isHeaded
            }) {
                say(TuningTrial.header)
            }
            say(trial.line)
        case .neighbours: say("item neighbours")
        case .content: say("item attributes")
        case .prior: say("factors from attributes")
        case .fittingBlend(let users): say("fitting the blend on \(users) validation users")
        case .tooFewUsers(let users):
            say("only \(users) validation users took anything: the weights of the signals stay the standard ones")
        case .done:
            say("trained")
            judged.withLock { $0 = (nil, false) }
        case .judging(let done, let total):
            judged.withLock { judged in
                // Workers tell in any order: what comes behind the end says nothing.
                if judged.isOver { return }
                let reporter = judged.reporter ?? ProgressReporter(label: "judge", unit: "lists")
                judged = (reporter, done >= total)
                reporter.update(Int64(done), fraction: Double(done) / Double(max(1, total)))
                if done >= total { reporter.finish(Int64(done)) }
            }
        }
    }

    private func say(_ text: String) { try? FileHandle.standardError.write(contentsOf: Data("train: \(text)\n".utf8)) }
}
