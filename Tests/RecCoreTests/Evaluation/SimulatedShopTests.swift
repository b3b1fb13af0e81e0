// The made-up shop's truth: places, fatigue, search, and the closed form of what a slate sells.
import Testing

@testable import RecCore

@Suite struct SimulatedShopTests {
    private func shop(
        seed: UInt64 = 1, _ change: (inout SimulatedShopConfiguration) -> Void = { _ in }
    ) throws -> SimulatedShop {
        var configuration = SimulatedShopConfiguration(seed: seed)
        (configuration.shoppers, configuration.items, configuration.newItemsPerWeek) = (120, 150, 8)
        (configuration.weeks, configuration.warmUpWeeks) = (2, 2)
        change(&configuration)
        return try SimulatedShop(configuration)
    }

    private func arrival(_ number: Int, shopper: Int = 0, week: Int = 0, _ shop: SimulatedShop) -> SimulatedArrival {
        SimulatedArrival(week: week, shopper: shopper, number: number, time: shop.start(ofWeek: week))
    }

    @Test func oneSeedIsOneShop() throws {
        let (a, b, other) = (try shop(), try shop(), try shop(seed: 2))

        #expect(a.items.map(\.quality) == b.items.map(\.quality))
        #expect(a.items.map(\.attributes) == b.items.map(\.attributes))
        #expect(a.arrivals(week: 1) == b.arrivals(week: 1))
        #expect(try a.warmUp().events == b.warmUp().events)
        #expect(a.items.map(\.quality) != other.items.map(\.quality))
        #expect(a.arrivals(week: 1) != other.arrivals(week: 1))
    }

    @Test func theCatalogueChangesButKeepsItsSize() throws {
        let shop = try SimulatedShop()

        let sizes = (0..<14).map { shop.itemsOnSale(week: $0).count }

        #expect(sizes[0] == 400)
        // Leaving items are binomial with a deviation of about 4.5 a week, 16 after thirteen weeks; 80 is five of these.
        #expect(sizes.allSatisfy { abs($0 - 400) < 80 })
        #expect(shop.items.filter { $0.weeks.lowerBound == 5 }.count == 20)
        #expect(
            shop.items.map(\.weeks.lowerBound).drop { $0 <= 0 }.elementsEqual(
                (1...13).flatMap { week in
                    Array(repeating: week, count: 20)
                }))
    }

    @Test func everythingWrongWithAConfigurationIsTold() throws {
        var configuration = SimulatedShopConfiguration()
        configuration.shoppers = 0
        configuration.boredom = 2
        configuration.fatigue = .nan

        #expect(configuration.problems.count == 3)
        #expect(throws: InvalidSimulation.self) { try SimulatedShop(configuration) }
    }

    @Test func warmUpEventsAreInTheirWeeksAndOfItemsOnSale() throws {
        let shop = try shop()

        let events = try shop.warmUp().events

        #expect(events.count > 100)
        #expect(events.allSatisfy { $0.timestamp < shop.start(ofWeek: shop.firstWeek) })
        for event in events {
            let week = Int((event.timestamp.days - shop.start(ofWeek: 0).days) / 7)
            let item = try #require(Int(event.item.rawValue.dropFirst()))
            #expect(shop.items[item].weeks.contains(week))
        }
    }

    /// 20,000 visits: the deviation of a share is at most 0.0036; 0.018 is five of these, an error rate below 1e-6 a place.
    @Test func placesAreLookedAtAsStated() throws {
        let shop = try shop { $0.clickThreshold = 30 }
        let slate = Array(shop.itemsOnSale(week: 0).prefix(12).map(Int32.init))
        var traffic = SimulatedTraffic(shop)
        var looks = [Int](repeating: 0, count: 12)

        for number in 0..<20_000 {
            let outcome = traffic.visit(arrival(number, shop), slate: slate)
            for place in 0..<outcome.examined { looks[place] += 1 }
        }

        for place in 0..<12 {
            #expect(abs(Double(looks[place]) / 20_000 - powOf(Double(place + 1), -0.7)) < 0.018)
        }
    }

    /// The same item at the first and at the last place, 8,000 fresh shoppers' visits each: clicks follow the places alone.
    @Test func clicksFallWithThePlaceAsLooksDo() throws {
        let shop = try shop { $0.clickThreshold = 1 }
        let items = shop.itemsOnSale(week: 0).map(Int32.init)
        let fresh = SimulatedTraffic(shop)
        let item = items[0]
        let others = Array(items[1...11])
        let click = fresh.choice(of: item, by: 0, week: 0).click
        var first = 0.0
        var last = 0.0

        for number in 0..<8000 {
            var traffic = fresh
            first += traffic.visit(arrival(number, shop), slate: [item] + others).clicks.contains(0) ? 1 : 0
            traffic = fresh
            last += traffic.visit(arrival(number, shop), slate: others + [item]).clicks.contains(11) ? 1 : 0
        }

        // Deviations of at most 0.0056; five of these. Purchases on the way make the last place rarer still.
        #expect(abs(first / 8000 - click) < 0.028)
        #expect(last / 8000 < click * powOf(12, -0.7) + 0.028)
        #expect(last < first)
    }

    @Test func looksWithoutAClickTireAndWeeksHeal() throws {
        let shop = try shop { $0.clickThreshold = 30 }
        let item = Int32(shop.itemsOnSale(week: 0)[0])
        var traffic = SimulatedTraffic(shop)
        let fresh = traffic.choice(of: item, by: 0, week: 0)
        let later = traffic.choice(of: item, by: 0, week: 1)

        for number in 0..<4 { _ = traffic.visit(arrival(number, shop), slate: [item]) }

        let tired = traffic.choice(of: item, by: 0, week: 0)
        #expect(fresh.attention == 1)
        #expect(tired.attention < 1 && tired.click < fresh.click)
        let rested = traffic.choice(of: item, by: 0, week: 1)
        #expect(rested.attention > tired.attention && rested.click / later.click > tired.click / fresh.click)
        // Of one shopper and one item alone.
        #expect(traffic.choice(of: item, by: 1, week: 0) == SimulatedTraffic(shop).choice(of: item, by: 1, week: 0))
    }

    /// 600 shoppers see one slate sixteen times in a week. Without fatigue the clicks of the first and the last four visits, some
    /// 2,000 each, differ by chance alone: a deviation of 3 %, of which 15 % is nearly five.
    @Test func fatigueLowersClicks() throws {
        func clicks(_ shop: SimulatedShop) -> (early: Int, late: Int) {
            var traffic = SimulatedTraffic(shop)
            let slate = Array(shop.itemsOnSale(week: 0).prefix(12).map(Int32.init))
            var counts = (early: 0, late: 0)
            for number in 0..<16 {
                for shopper in 0..<600 {
                    let found = traffic.visit(arrival(number, shopper: shopper, shop), slate: slate).clicks.count
                    if number < 4 { counts.early += found }
                    if number >= 12 { counts.late += found }
                }
            }
            return counts
        }

        let with = clicks(try shop { ($0.shoppers, $0.repeatPenalty, $0.clickThreshold) = (600, 0, 2) })
        let without = clicks(
            try shop {
                ($0.shoppers, $0.repeatPenalty, $0.clickThreshold) = (600, 0, 2)
                ($0.fatigue, $0.boredom) = (0, 1)
            })

        #expect(Double(with.late) < 0.85 * Double(with.early))
        #expect(Double(without.late) > 0.85 * Double(without.early))
    }

    @Test func whatIsBoughtIsSeldomBoughtAgain() throws {
        let shop = try shop { ($0.clickThreshold, $0.purchaseThreshold) = (-30, -30) }
        let item = Int32(shop.itemsOnSale(week: 0)[0])
        var traffic = SimulatedTraffic(shop)
        let before = traffic.choice(of: item, by: 0, week: 0).purchase

        let outcome = traffic.visit(arrival(0, shop), slate: [item])

        #expect(outcome.purchases == [0])
        #expect(traffic.choice(of: item, by: 0, week: 0).purchase < before)
    }

    /// 40,000 visits of shoppers in one state. A slate sells at most 3 a visit or so, with a deviation below 1.2: that of the mean
    /// is below 0.006, five of these are 0.03; the mean itself is about 1.
    @Test func closedFormIsTheMeanOfWhatHappens() throws {
        let shop = try shop { ($0.clickThreshold, $0.purchaseThreshold) = (0, 0) }
        var past = SimulatedTraffic(shop)
        let slate = Array(shop.itemsOnSale(week: 0).prefix(12).map(Int32.init))
        // A past, so that fatigue and repeats are in it.
        for number in 0..<3 { _ = past.visit(arrival(number, shop), slate: slate.reversed()) }
        let truth = past.saleProbabilities(shopper: 0, week: 0)
        let expected = shop.expectedSales(ofSlate: slate.map { truth[Int($0)] })

        var sold = 0
        for number in 3..<40_003 {
            var traffic = past
            sold += traffic.visit(arrival(number, shop), slate: slate).purchases.count
        }

        #expect(abs(Double(sold) / 40_000 - expected) < 0.03)
        #expect(expected > 0.3)
    }

    @Test func noSlateSellsMoreThanTheBest() throws {
        let shop = try shop { ($0.clickThreshold, $0.purchaseThreshold, $0.slateSize) = (-1, -1, 3) }
        let truth = SimulatedTraffic(shop).saleProbabilities(shopper: 3, week: 0)
        let best = shop.bestSlate(truth)
        let most = shop.expectedSales(ofSlate: best.map { truth[Int($0)] })
        // Every ordered slate of three of eight: the best three, and some others.
        let some = best + shop.itemsOnSale(week: 0).map(Int32.init).filter { !best.contains($0) }.prefix(5)

        for a in some {
            for b in some where b != a {
                for c in some where c != a && c != b {
                    // 1e-6: the order of two nearly equal ones is a matter of rounding.
                    #expect(shop.expectedSales(ofSlate: [a, b, c].map { truth[Int($0)] }) <= most + 1e-6)
                }
            }
        }
    }

    @Test func searchFindsWhatIsLikedAndWhatSells() throws {
        let shop = try shop { $0.searchShare = 1 }
        var traffic = SimulatedTraffic(shop)
        var liking = 0.0
        let mean =
            shop.itemsOnSale(week: 0).reduce(0) { $0 + shop.affinity(of: $1, to: 0, week: 0) }
            / Double(shop.itemsOnSale(week: 0).count)

        for number in 0..<500 {
            let search = traffic.search(arrival(number, shop))
            let find = try #require(search)
            liking += shop.affinity(of: Int(find.item), to: 0, week: 0) / 500
        }

        // exp(affinity) shifts the mean by about its variance, 1; one affinity deviates by about 1, their mean by 0.05.
        #expect(liking > mean + 0.3)
    }

    @Test func slatesThatDifferInOnePlaceAgreeBeforeIt() throws {
        let shop = try shop { ($0.clickThreshold, $0.purchaseThreshold) = (1, 1) }
        let items = shop.itemsOnSale(week: 0).map(Int32.init)
        let one = Array(items[0..<12])
        var other = one
        other[6] = items[20]

        for shopper in 0..<100 {
            var (a, b) = (SimulatedTraffic(shop), SimulatedTraffic(shop))
            let (left, right) = (
                a.visit(arrival(0, shopper: shopper, shop), slate: one),
                b.visit(arrival(0, shopper: shopper, shop), slate: other)
            )
            #expect(left.clicks.filter { $0 < 6 } == right.clicks.filter { $0 < 6 })
            #expect(left.purchases.filter { $0 < 6 } == right.purchases.filter { $0 < 6 })
        }
    }
}
