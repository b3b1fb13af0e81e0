// A made-up shop with a known structure: who likes what, what sells when.
import Foundation
import RecCore

/// The planted truth behind a made-up shop. Everything follows from the seed.
///
/// - Taste: each product belongs to one group; each customer likes one to three groups and buys mostly there.
/// - Popularity: a power law over articles, and another over customers' activity.
/// - Seasons: part of the articles peak at a time of the year.
/// - Launches: articles appear over time and age out; some are basics that stay.
/// - Repurchases: part of the purchases repeat one of the customer's last.
/// - Baskets: several articles a visit, part of them the fixed partner of the one before.
/// - Text: names and descriptions use the words of the group, so that content tells the taste of a new article.
public struct SyntheticShop: Sendable {
    /// What it was made from.
    public let configuration: SyntheticShopConfiguration
    /// How many taste groups there are.
    public let groupCount: Int

    /// An article's place in the shop.
    struct Article {
        var group: Int
        var popularity: Double
        /// Day of its launch; negative = before the first day.
        var launch: Int
        /// Days until it sells e times less; infinite for basics.
        var lifetime: Double
        /// Which season it peaks in, 0 to 3; `nil` = sells all year.
        var season: Int?
        /// What is bought with it.
        var partner: Int
    }
    /// A customer's ways.
    struct Customer {
        /// Liked groups, dearest first, 1 to 3.
        var groups: [Int]
        /// First and last day as a customer.
        var days: ClosedRange<Int>
        var age: Int
        var channel: Int
    }

    let articles: [Article]
    /// Shares of the first, second and third liked group.
    static let groupShares = [0.6, 0.3, 0.1]
    /// Part of the purchases that keeps to liked groups, where nothing else decides.
    static let tasteShare = 0.85
    static let repurchaseShare = 0.15
    static let partnerShare = 0.2
    static let variants = 3

    /// Makes the articles; customers and purchases are drawn while files are written.
    /// - Complexity: O(articles).
    public init(_ configuration: SyntheticShopConfiguration) {
        self.configuration = configuration
        let groups = min(ShopVocabulary.groupCount, max(4, configuration.articles / 60))
        groupCount = groups
        articles = (0..<configuration.articles).map { Self.article($0, of: configuration, groups: groups) }
    }

    private static func article(_ index: Int, of configuration: SyntheticShopConfiguration, groups: Int) -> Article {
        let product = index / variants
        var perProduct = ShopGenerator(seed: configuration.seed, purpose: .product, index: product)
        let group = perProduct.index(groups)
        let season = perProduct.unit() < 0.4 ? perProduct.index(4) : nil
        let isBasic = index == 0 || perProduct.unit() < 0.15
        let isOld = index == 0 || perProduct.unit() < 0.5
        let launch = isOld ? -perProduct.index(200) : perProduct.index(configuration.days)
        let lifetime = isBasic ? Double.infinity : 25 + 120 * perProduct.unit()
        let fame = pow(1 - perProduct.unit(), -0.45)

        var perArticle = ShopGenerator(seed: configuration.seed, purpose: .article, index: index)
        let popularity = min(400, fame * pow(1 - perArticle.unit(), -0.55))
        return Article(
            group: group, popularity: popularity, launch: launch, lifetime: lifetime, season: season,
            partner: perArticle.index(configuration.articles))
    }

    func customer(_ index: Int) -> Customer {
        var generator = ShopGenerator(seed: configuration.seed, purpose: .customer, index: index)
        let count = 1 + generator.index(3)
        var groups: [Int] = []
        for _ in 0..<count {
            let group = generator.index(groupCount)
            if !groups.contains(group) { groups.append(group) }
        }
        let last = configuration.days - 1
        let first = generator.unit() < 0.6 ? 0 : generator.index(configuration.days)
        let end = generator.unit() < 0.7 ? last : first + generator.index(configuration.days - first)
        let centre = ShopVocabulary.theme(ofGroup: groups[0]).age
        let age = min(90, max(16, centre - 8 + generator.index(17)))
        return Customer(
            groups: groups, days: first...max(first, end), age: age, channel: generator.unit() < 0.7 ? 2 : 1)
    }

    /// Customer numbers come out by activity: low numbers buy most.
    func drawCustomer(_ generator: inout ShopGenerator) -> Int {
        let unit = generator.unit()
        return min(Int(unit * unit * Double(configuration.customers)), configuration.customers - 1)
    }

    /// Rows of each day: weekly and yearly waves and some noise, with the exact sum.
    func transactionsPerDay() -> [Int64] {
        let shares = (0..<configuration.days).map { day in
            var generator = ShopGenerator(seed: configuration.seed, purpose: .day, index: day)
            let date = configuration.day(day)
            let weekday = Int((date.dayNumber % 7 + 7) % 7)
            let weekly = [1.0, 1.1, 1.3, 1.2, 0.8, 0.9, 0.95][weekday]
            return weekly * (1 + 0.2 * Self.wave(date, peak: 340)) * (0.85 + 0.3 * generator.unit())
        }
        let total = shares.reduce(0, +)
        var sum = 0.0
        var given: Int64 = 0
        return shares.indices.map { day in
            sum += shares[day]
            let isLast = day == shares.count - 1
            let until = isLast ? configuration.transactions : Int64(Double(configuration.transactions) * (sum / total))
            defer { given = max(given, until) }
            return max(0, until - given)
        }
    }

    /// Cosine of the time of the year, 1 at the peak.
    static func wave(_ date: Timestamp, peak: Double) -> Double {
        cos(2 * Double.pi * (date.days - peak) / 365.25)
    }

    /// How much an article's season matters on a day.
    static func seasonFactors(_ date: Timestamp) -> [Double] {
        (0..<4).map { 1 + 0.9 * wave(date, peak: 45 + 91 * Double($0)) }
    }
}
