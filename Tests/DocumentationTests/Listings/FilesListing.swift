// The listings of RecFiles' landing page, word for word.
import RecCore
import RecEmbedded
import RecFiles

func ingestOrders(folder: String, store: EmbeddedStore) async throws -> IngestReport {
    // Listing begins: a load
    var options = IngestOptions(
        paths: [folder + "/orders.csv"], user: "CustomerID", item: "StockCode", time: "InvoiceDate",
        weight: "Quantity", itemAttributes: ["Description"])
    options.rejects = folder + "/rejects.csv"
    let report = try await IngestPipeline(
        options, history: store.history, catalog: store.catalog, users: store.users
    ).run()
    print(report.text)
    // Listing ends
    return report
}

func recordsListing(of path: String) throws -> (rows: [[String]], problems: [CSVProblem]) {
    // Listing begins: records one by one
    let reader = try CSVReader(path: path, separator: .semicolon)
    let columns = try reader.readHeader().count
    var rows: [[String]] = []
    var problems: [CSVProblem] = []
    while let step = try reader.next() {
        switch step {
        case .record: rows.append((0..<columns).map { reader.text($0) })
        case .problem(let problem): problems.append(problem)
        }
    }
    // Listing ends
    return (rows, problems)
}

func madeUpShop(in folder: String) async throws {
    // Listing begins: a made-up shop
    let configuration = try SyntheticShopConfiguration(customers: 200, articles: 100, transactions: 2000, days: 60)
    let shop = SyntheticShop(configuration)
    try await BackgroundThread.run { try shop.write(to: folder) }
    // Listing ends
}
