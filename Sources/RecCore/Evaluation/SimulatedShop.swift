// A made-up shop whose truth is known: what items are worth to whom, and when who comes.

/// An item of a simulated shop.
public struct SimulatedItem: Sendable {
    /// Of length 1.
    let direction: SIMD8<Float>
    /// What it adds to everybody's utility. No attribute tells.
    public let quality: Double
    /// The number of its category, from 0.
    public let category: Int
    /// The weeks it is on sale, counted from the start of the warm-up; those before 0 were before it.
    public let weeks: Range<Int>
    /// What a catalogue says.
    public let attributes: [String: String]
}

/// One visit of one shopper.
public struct SimulatedArrival: Sendable, Hashable {
    /// Counted from the start of the warm-up.
    public let week: Int
    /// Index in ``SimulatedShop/shopperIDs``.
    public let shopper: Int
    /// Counted from 0 in the week.
    public let number: Int
    /// When the shopper comes.
    public let time: Timestamp
}

/// The ground truth: items, tastes, and when shoppers come. Immutable, and the same for every policy of a seed; what a run
/// changes is in ``SimulatedTraffic``.
///
/// Weeks are counted from the start of the warm-up; the first that a policy is asked in is ``firstWeek``. Item `i12` has index 12
/// and shopper `s7` index 7; items are numbered by launch.
public struct SimulatedShop: Sendable {
    /// What the shop was made from.
    public let configuration: SimulatedShopConfiguration
    /// All that are ever on sale, by launch.
    public let items: [SimulatedItem]
    /// Names of ``items``, in the same order.
    public let itemIDs: [ItemID]
    /// Names of the shoppers, by index.
    public let shopperIDs: [UserID]
    /// weeks x shoppers, each of length 1.
    private let tastes: [SIMD8<Float>]
    /// Mean visits a week of each shopper.
    private let rates: [Double]
    /// Probability that the shopper looks at each place of a slate.
    let examination: [Double]

    /// The first week that a policy is asked in.
    public var firstWeek: Int { configuration.warmUpWeeks }
    /// The weeks in which policies are asked.
    public var simulatedWeeks: Range<Int> { firstWeek..<(firstWeek + configuration.weeks) }

    /// - Throws: ``InvalidSimulation`` with everything that is wrong with the configuration.
    public init(_ configuration: SimulatedShopConfiguration = SimulatedShopConfiguration()) throws(InvalidSimulation) {
        let problems = configuration.problems
        guard problems.isEmpty else { throw InvalidSimulation(problems: problems) }
        self.configuration = configuration
        let centres = (0..<configuration.categories).map {
            var generator = SimulatedDraw(seed: configuration.seed, .centre).at($0).generator
            return Self.normal(&generator).ofLengthOne
        }
        let weeks = configuration.warmUpWeeks + configuration.weeks
        items = Self.makeItems(configuration, centres, weeks: weeks)
        itemIDs = items.indices.map { ItemID("i\($0)") }
        shopperIDs = (0..<configuration.shoppers).map { UserID("s\($0)") }
        (tastes, rates) = Self.makeShoppers(configuration, centres, weeks: weeks)
        examination = (1...configuration.slateSize).map { powOf(Double($0), -configuration.positionExponent) }
    }

    /// Midnight at which a week begins.
    public func start(ofWeek week: Int) -> Timestamp {
        Timestamp(milliseconds: Int64(18_000 + 7 * week) * Timestamp.millisecondsPerDay)
    }

    /// What adds to the utility by taste alone.
    @inline(__always)
    func affinity(of item: Int, to shopper: Int, week: Int) -> Double {
        let taste = tastes[week * configuration.shoppers + shopper]
        return configuration.tasteStrength * Double((taste * items[item].direction).sum())
    }

    /// Indices of the items on sale, ascending.
    public func itemsOnSale(week: Int) -> [Int] { items.indices.filter { items[$0].weeks.contains(week) } }

    /// Items that are in the catalogue by then, gone ones too: these are the first so many.
    public func launchedItems(by week: Int) -> Int { items.prefix { $0.weeks.lowerBound <= week }.count }

    /// All visits of a week, by time. Poisson with the rate of each shopper, at any moment of it.
    public func arrivals(week: Int) -> [SimulatedArrival] {
        let start = start(ofWeek: week)
        // The last minutes are left free, so that what a visit leads to is in the same week.
        let length = 7 * Timestamp.millisecondsPerDay - 600_000
        var arrivals: [SimulatedArrival] = []
        for shopper in rates.indices {
            var generator = SimulatedDraw(seed: configuration.seed, .visits).at(week).at(shopper).generator
            // Knuth: uniform numbers are multiplied until they fall below e^-rate.
            let limit = expOf(-rates[shopper])
            var product = generator.nextUnit()
            var times: [Int64] = []
            while product > limit {
                let draw = SimulatedDraw(seed: configuration.seed, .moments).at(week).at(shopper).at(times.count)
                times.append(start.milliseconds + Int64(draw.unit * Double(length)))
                product *= generator.nextUnit()
            }
            for (number, time) in times.sorted().enumerated() {
                arrivals.append(
                    SimulatedArrival(
                        week: week, shopper: shopper, number: number, time: Timestamp(milliseconds: time)))
            }
        }
        return arrivals.sorted { ($0.time, $0.shopper, $0.number) < ($1.time, $1.shopper, $1.number) }
    }
}

extension SimulatedShop {
    private static func makeItems(
        _ configuration: SimulatedShopConfiguration, _ centres: [SIMD8<Float>], weeks: Int
    ) -> [SimulatedItem] {
        let count = configuration.items + configuration.newItemsPerWeek * (weeks - 1)
        return (0..<count).map { index in
            var generator = SimulatedDraw(seed: configuration.seed, .item).at(index).generator
            let category = Int.random(in: 0..<centres.count, using: &generator)
            // A normal vector of eight has a length of about the root of eight.
            let spread = Float(configuration.itemSpread / 8.0.squareRoot())
            let direction = (centres[category] + spread * normal(&generator)).ofLengthOne
            let quality = configuration.qualitySpread * Double(generator.nextNormal())
            let life = Int.random(in: configuration.lifeInWeeks, using: &generator)
            // The first items are somewhere in their life, the others begin it.
            let age = Int.random(in: 0..<life, using: &generator)
            let isFirst = index < configuration.items
            let launch =
                isFirst ? 0 : 1 + (index - configuration.items) / max(1, configuration.newItemsPerWeek)
            let begin = isFirst ? -age : launch
            return SimulatedItem(
                direction: direction, quality: quality, category: category, weeks: begin..<(begin + life),
                attributes: ["category": "category \(category)", "style": style(direction, &generator)])
        }
    }

    /// A word for each of the three sides that an item seems to show most: the direction, seen through noise.
    private static func style(_ direction: SIMD8<Float>, _ generator: inout SplitMix64) -> String {
        let seen = direction + 0.15 * normal(&generator)
        let sides = seen.indices.sorted { (abs(seen[$1]), $0) < (abs(seen[$0]), $1) }.prefix(3).sorted()
        return sides.map { "\(seen[$0] > 0 ? "very" : "hardly")\($0)" }.joined(separator: " ")
    }

    private static func makeShoppers(
        _ configuration: SimulatedShopConfiguration, _ centres: [SIMD8<Float>], weeks: Int
    ) -> (tastes: [SIMD8<Float>], rates: [Double]) {
        let count = configuration.shoppers
        var tastes = [SIMD8<Float>](repeating: .zero, count: weeks * count)
        var rates: [Double] = []
        // exp(normal) has a mean of exp(variance / 2).
        let spread = configuration.activitySpread
        let middle = configuration.visitsPerWeek * expOf(-spread * spread / 2)
        let persistence = configuration.tastePersistence
        let change = Float(((1 - persistence * persistence) / 8).squareRoot())
        for shopper in 0..<count {
            var generator = SimulatedDraw(seed: configuration.seed, .shopper).at(shopper).generator
            rates.append(min(100, middle * expOf(spread * Double(generator.nextNormal()))))
            // Two categories liked, one more than the other, and something of the shopper's own.
            let first = centres[Int.random(in: 0..<centres.count, using: &generator)]
            let second = centres[Int.random(in: 0..<centres.count, using: &generator)]
            var taste = (first + 0.6 * second + Float(0.5 / 8.0.squareRoot()) * normal(&generator)).ofLengthOne
            for week in 0..<weeks {
                if week > 0 {
                    var generator = SimulatedDraw(seed: configuration.seed, .taste).at(week).at(shopper).generator
                    taste = (Float(persistence) * taste + change * normal(&generator)).ofLengthOne
                }
                tastes[week * count + shopper] = taste
            }
        }
        return (tastes, rates)
    }

    private static func normal(_ generator: inout SplitMix64) -> SIMD8<Float> {
        var vector = SIMD8<Float>.zero
        for k in vector.indices { vector[k] = generator.nextNormal() }
        return vector
    }
}

extension SIMD8<Float> {
    /// The same direction; zero stays zero.
    fileprivate var ofLengthOne: SIMD8<Float> {
        let square = (self * self).sum()
        return square > 0 ? self / square.squareRoot() : self
    }
}
