// Writes a made-up shop as the three files of the H&M shape.
import Foundation

extension SyntheticShop {
    /// The names of the files that ``write(to:replacing:progress:)`` makes.
    public static let fileNames = ["articles.csv", "customers.csv", "transactions_train.csv"]

    /// Writes `articles.csv`, `customers.csv` and `transactions_train.csv` into a folder, which is made when missing.
    ///
    /// The files appear under their names only when all three are whole. Blocking; memory does not grow with the rows.
    /// - Parameters:
    ///   - folder: its path.
    ///   - replaces: whether files of these names may be replaced.
    ///   - progress: told of the transactions written.
    /// - Throws: ``FileError``: files are there already, or writing failed.
    /// - Complexity: O(transactions * log(articles) + days * articles + customers).
    public func write(
        to folder: String, replacing replaces: Bool = false, progress: ProgressReporter? = nil
    ) throws(FileError) {
        func path(_ name: String) -> String { (folder as NSString).appendingPathComponent(name) }
        if !replaces, let name = Self.fileNames.first(where: { FileManager.default.fileExists(atPath: path($0)) }) {
            throw FileError(.exists, file: path(name), reason: "is there already and would be replaced")
        }
        do {
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        } catch {
            throw FileError(.unwritable, file: folder, reason: "the folder cannot be made")
        }
        let articlesFile = try FileWriter(replacing: path(Self.fileNames[0]))
        try articlesFile.append { $0.append(contentsOf: Self.articlesHeader.utf8) }
        for index in articles.indices { try articlesFile.append { appendArticle(index, to: &$0) } }

        let customersFile = try FileWriter(replacing: path(Self.fileNames[1]))
        try customersFile.append { $0.append(contentsOf: Self.customersHeader.utf8) }
        for index in 0..<configuration.customers { try customersFile.append { appendCustomer(index, to: &$0) } }

        let transactionsFile = try FileWriter(replacing: path(Self.fileNames[2]))
        try transactionsFile.append { $0.append(contentsOf: Self.transactionsHeader.utf8) }
        try writeTransactions(to: transactionsFile, progress)

        try articlesFile.commit()
        try customersFile.commit()
        try transactionsFile.commit()
        progress?.finish(configuration.transactions)
    }

    private func writeTransactions(to file: FileWriter, _ progress: ProgressReporter?) throws(FileError) {
        var till = ShopTill(self)
        var written: Int64 = 0
        for (day, count) in transactionsPerDay().enumerated() {
            let dayText = Array(configuration.day(day).dayText.utf8)
            try till.sell(day: day, count: count) { (purchase) throws(FileError) in
                try file.append { appendTransaction(purchase, day: dayText, to: &$0) }
            }
            written += count
            progress?.update(written, fraction: Double(written) / Double(max(1, configuration.transactions)))
        }
    }
}
