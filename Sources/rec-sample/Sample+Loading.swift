// The first step: files, or a made-up shop, into the data folder.
import RecCore
import RecEmbedded
import RecFiles

extension Sample {
    func load(into store: EmbeddedStore) async throws {
        let paths: [String]
        if let input {
            paths = input.split(separator: ",").map(String.init)
        } else {
            paths = [data + "/shop"]
            let shop = SyntheticShop(
                try SyntheticShopConfiguration(customers: customers, articles: articles, transactions: transactions))
            let path = paths[0]
            try await BackgroundThread.run { try shop.write(to: path, replacing: true) }
            say(
                "made up a shop of \(customers) customers, \(articles) articles, \(transactions) purchases in \(path)")
        }
        var options = IngestOptions(
            paths: paths, user: user, item: item, time: time, weight: weight,
            itemAttributes: itemAttributes?.split(separator: ",").map(String.init) ?? [])
        options.rejects = "\(data)/rejects.csv"
        let report = try await IngestPipeline(
            options, history: store.history, catalog: store.catalog, users: store.users,
            progress: ProgressReporter(label: "ingest", unit: "rows")
        ).run()
        say(report.text)
    }
}
