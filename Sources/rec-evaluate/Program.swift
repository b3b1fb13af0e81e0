// Judges what was learned: models, policies, and logs of what was shown.
import ArgumentParser
import RecCore

@main
struct Evaluate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rec-evaluate",
        abstract: "Judge models on reserved days, policies by what they cost and discover, and logs of what was shown.",
        version: PlatformVersion.text,
        subcommands: [Judge.self, Policies.self, Counterfactual.self, Replay.self, Simulate.self],
        defaultSubcommand: Judge.self)
}
