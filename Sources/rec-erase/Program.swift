// Forgets one person.
import ArgumentParser
import Foundation
import RecCore
import RecStores

@main
struct Erase: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rec-erase",
        abstract: "Remove what the stores hold of one person, and say what is left elsewhere.",
        discussion: """
            Events, history, window, impressions and attributes go for good. Let no new events of the person come meanwhile, let the
            processors have no lag, and train anew afterwards. It may be run again.
            """, version: PlatformVersion.text)

    @OptionGroup var stores: StoreOptions
    @Argument(help: "The user's id; - reads it from the standard input, where no list of processes shows it.")
    var user: String

    func run() async throws {
        signal(SIGPIPE, SIG_IGN)
        let name = user == "-" ? readLine() ?? "" : user
        if let fault = IdentifierRule.fault(name) { throw ValidationError("the user's id \(fault)") }
        let open = try await stores.open(.bulk)
        let erasure = try await open.erase(UserID(name))
        await open.close()
        for (part, count) in erasure.removed { print("removed from \(part): \(count)") }
        for place in erasure.remains { print("left: \(place)") }
    }
}
