// Makes a shop of any size in the H&M file shape, from a seed.
import ArgumentParser
import Foundation
import RecCore
import RecFiles

@main
struct Synthesize: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rec-synthesize",
        abstract: "Make a shop with planted taste, seasons, launches and repurchases.",
        discussion: "Writes articles.csv, customers.csv and transactions_train.csv. The same seed gives the same shop.",
        version: PlatformVersion.text)

    @Option(help: "Customers.") var customers = 20_000
    @Option(help: "Articles.") var articles = 5_000
    @Option(help: "Purchases, one row each, exactly.") var transactions: Int64 = 400_000
    @Option(help: "Days from the first purchase to the last.") var days = 365
    @Option(help: "Number that everything follows from.") var seed: UInt64 = 1
    @Option(help: "Folder to write to.") var out: String
    @Flag(help: "Replace files that are there already.") var replace = false

    func run() throws {
        signal(SIGPIPE, SIG_IGN)
        let size: SyntheticShopConfiguration
        do {
            size = try SyntheticShopConfiguration(
                customers: customers, articles: articles, transactions: transactions, days: days, seed: seed)
        } catch {
            throw ValidationError("--\(error)")
        }
        let progress = ProgressReporter(label: "synthesize", unit: "purchases")
        do {
            try SyntheticShop(size).write(to: out, replacing: replace, progress: progress)
        } catch {
            guard error.code == .exists else { throw error }
            throw ValidationError("\(error); choose another --out, or give --replace")
        }
        for name in SyntheticShop.fileNames { print("\(out)/\(name)") }
    }
}
