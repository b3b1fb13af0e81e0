// The made-up shop: exact, repeatable, and with the planted structure in it.
import Foundation
import RecCore
import Testing

@testable import RecFiles

@Suite struct SyntheticShopTests {
    private func shop(
        customers: Int = 400, articles: Int = 600, transactions: Int64 = 20_000, days: Int = 200, seed: UInt64 = 3
    ) throws -> SyntheticShop {
        SyntheticShop(
            try SyntheticShopConfiguration(
                customers: customers, articles: articles, transactions: transactions, days: days, seed: seed))
    }

    private func purchases(_ shop: SyntheticShop) -> [(day: Int, purchase: ShopPurchase)] {
        var all: [(day: Int, purchase: ShopPurchase)] = []
        var till = ShopTill(shop)
        for (day, count) in shop.transactionsPerDay().enumerated() {
            till.sell(day: day, count: count) { all.append((day, $0)) }
        }
        return all
    }

    @Test func sameSeedGivesTheSameFilesAndAnotherSeedOthers() throws {
        let scratch = try Scratch()
        for (folder, seed) in [("a", 3), ("b", 3), ("c", 4)] as [(String, UInt64)] {
            try shop(transactions: 3000, seed: seed).write(to: scratch.path + "/" + folder)
        }
        for name in SyntheticShop.fileNames {
            #expect(try scratch.text("a/" + name) == scratch.text("b/" + name))
            #expect(try scratch.text("a/" + name) != scratch.text("c/" + name))
        }
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: scratch.path + "/a").sorted() == SyntheticShop.fileNames
        )
    }

    @Test(
        arguments: [(1, 1, 1, 1), (7, 3, 0, 5), (50, 40, 12_345, 11), (3, 2000, 10, 300)] as [(Int, Int, Int64, Int)])
    func rowCountsAreExactAndEveryRowIsWellFormed(customers: Int, articles: Int, transactions: Int64, days: Int) throws
    {
        let scratch = try Scratch()
        let shop = try shop(customers: customers, articles: articles, transactions: transactions, days: days)
        try shop.write(to: scratch.path)

        func fields(_ name: String) throws -> [[String]] {
            try rows(scratch.path + "/" + name).map { row in
                guard case .fields(_, let fields) = row else {
                    Issue.record("\(name): \(row)")
                    return []
                }
                return fields
            }
        }
        let articleRows = try fields("articles.csv")
        let customerRows = try fields("customers.csv")
        let transactionRows = try fields("transactions_train.csv")
        #expect(articleRows.count == articles)
        #expect(customerRows.count == customers)
        #expect(transactionRows.count == Int(transactions))
        let articleIDs = Set(articleRows.map { $0[0] })
        let customerIDs = Set(customerRows.map { $0[0] })
        #expect(articleIDs.count == articles)
        #expect(customerIDs.count == customers)
        #expect(articleIDs.allSatisfy { $0.count == 10 && $0.hasPrefix("0") })
        #expect(customerIDs.allSatisfy { $0.count == 64 })
        #expect(transactionRows.allSatisfy { customerIDs.contains($0[1]) && articleIDs.contains($0[2]) })
        let daysOfRows = transactionRows.map { $0[0] }
        #expect(daysOfRows == daysOfRows.sorted())
        #expect(daysOfRows.last.map { $0 <= "2020-09-22" } ?? true)
        #expect(Set(daysOfRows).count <= days)
    }

    @Test func customersBuyInTheirGroups() throws {
        let shop = try shop()
        let all = purchases(shop)
        let inTaste = all.filter { row in
            shop.customer(row.purchase.customer).groups.contains(shop.articles[row.purchase.article].group)
        }
        let byChance =
            (0..<400).reduce(0.0) { $0 + Double(shop.customer($1).groups.count) / Double(shop.groupCount) } / 400
        let share = Double(inTaste.count) / Double(all.count)
        #expect(share > 0.6, "\(share) by taste, \(byChance) by chance")
        #expect(byChance < 0.35)
    }

    @Test func nothingSellsBeforeItsLaunchAndNewArticlesSell() throws {
        let shop = try shop()
        let all = purchases(shop)
        #expect(all.allSatisfy { shop.articles[$0.purchase.article].launch <= $0.day })
        let launchedLater = all.filter { shop.articles[$0.purchase.article].launch > 0 }
        #expect(Double(launchedLater.count) > 0.1 * Double(all.count))
    }

    @Test func repurchasesAreFarAboveChance() throws {
        let all = purchases(try shop(customers: 2000, articles: 3000, transactions: 20_000))
        var seen: Set<[Int]> = []
        let repeats = all.filter { !seen.insert([$0.purchase.customer, $0.purchase.article]).inserted }
        #expect(Double(repeats.count) > 0.05 * Double(all.count))
    }

    @Test func seasonsMoveSales() throws {
        let shop = try shop(articles: 900, transactions: 60_000, days: 365)
        var inSeason = 0.0
        var against = 0.0
        for (day, purchase) in purchases(shop) {
            guard let season = shop.articles[purchase.article].season else { continue }
            let factor = SyntheticShop.seasonFactors(shop.configuration.day(day))[season]
            if factor > 1 { inSeason += 1 } else { against += 1 }
        }
        #expect(inSeason > 1.5 * against)
    }

    @Test func popularityFollowsAPowerLaw() throws {
        var counts = [Int](repeating: 0, count: 600)
        for (_, purchase) in purchases(try shop()) { counts[purchase.article] += 1 }
        counts.sort(by: >)
        let top = counts.prefix(60).reduce(0, +)
        #expect(Double(top) > 0.3 * 20_000, "the best tenth sells \(top)")
    }

    @Test func existingFilesAreNotReplacedUnasked() throws {
        let scratch = try Scratch()
        let small = try shop(transactions: 10)
        try small.write(to: scratch.path)
        let error = #expect(throws: FileError.self) { try small.write(to: scratch.path) }
        #expect(error?.code == .exists)
        try small.write(to: scratch.path, replacing: true)
    }

    @Test func impossibleSizesAreRefused() {
        #expect(throws: InvalidShop.self) { try SyntheticShopConfiguration(customers: 0) }
        #expect(throws: InvalidShop.self) { try SyntheticShopConfiguration(articles: -1) }
        #expect(throws: InvalidShop.self) { try SyntheticShopConfiguration(transactions: -1) }
        #expect(throws: InvalidShop.self) { try SyntheticShopConfiguration(days: 10_000) }
    }
}
