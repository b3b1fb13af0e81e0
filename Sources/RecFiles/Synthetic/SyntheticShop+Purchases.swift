// The purchases of a made-up shop, day by day.

/// One row of the transactions.
struct ShopPurchase {
    var customer: Int
    var article: Int
    var channel: Int
}

/// Makes purchases in order of time. Memory: 16 bytes a customer and some words an article, whatever the number of rows.
struct ShopTill {
    private let shop: SyntheticShop
    private var shelf: ShopShelf
    /// The last articles of every customer, `memory` each.
    private var recent: [UInt32]
    private static let memory = 4
    private static let nothing = UInt32.max

    init(_ shop: SyntheticShop) {
        self.shop = shop
        shelf = ShopShelf(shop)
        recent = [UInt32](repeating: Self.nothing, count: shop.configuration.customers * Self.memory)
    }

    /// Makes the purchases of a day; days must come in order.
    /// - Parameters:
    ///   - count: how many.
    ///   - body: takes each one.
    mutating func sell<Failure: Error>(
        day: Int, count: Int64, _ body: (ShopPurchase) throws(Failure) -> Void
    ) throws(Failure) {
        shelf.open(day: day, seasons: SyntheticShop.seasonFactors(shop.configuration.day(day)))
        var generator = ShopGenerator(seed: shop.configuration.seed, purpose: .purchases, index: day)
        var left = count
        while left > 0 {
            let (number, customer) = visitor(on: day, &generator)
            var previous: Int?
            repeat {
                let article = choose(number, customer, after: previous, &generator)
                remember(article, of: number, &generator)
                let channel = generator.unit() < 0.9 ? customer.channel : 3 - customer.channel
                try body(ShopPurchase(customer: number, article: article, channel: channel))
                previous = article
                left -= 1
            } while left > 0 && generator.unit() < 0.6
        }
    }

    private func visitor(on day: Int, _ generator: inout ShopGenerator) -> (Int, SyntheticShop.Customer) {
        var number = shop.drawCustomer(&generator)
        var customer = shop.customer(number)
        for _ in 0..<16 where !customer.days.contains(day) {
            number = shop.drawCustomer(&generator)
            customer = shop.customer(number)
        }
        return (number, customer)
    }

    private func choose(
        _ number: Int, _ customer: SyntheticShop.Customer, after previous: Int?, _ generator: inout ShopGenerator
    ) -> Int {
        let what = generator.unit()
        if what < SyntheticShop.repurchaseShare {
            let article = recent[number * Self.memory + generator.index(Self.memory)]
            if article != Self.nothing, shelf.isSold(Int(article)) { return Int(article) }
        } else if what < SyntheticShop.repurchaseShare + SyntheticShop.partnerShare, let previous {
            let partner = shop.articles[previous].partner
            if shelf.isSold(partner) { return partner }
        }
        guard generator.unit() < SyntheticShop.tasteShare else { return shelf.draw(group: nil, &generator) }
        let shares = SyntheticShop.groupShares.prefix(customer.groups.count)
        var target = generator.unit() * shares.reduce(0, +)
        var group = customer.groups[0]
        for (candidate, share) in zip(customer.groups, shares) {
            group = candidate
            target -= share
            if target < 0 { break }
        }
        return shelf.draw(group: group, &generator)
    }

    private mutating func remember(_ article: Int, of customer: Int, _ generator: inout ShopGenerator) {
        recent[customer * Self.memory + generator.index(Self.memory)] = UInt32(truncatingIfNeeded: article)
    }
}
