// Runs policies on a simulated shop, week by week, with training between the weeks.
import Synchronization

/// A shop after its warm-up, with its first model, ready for runs of policies that all begin alike.
///
/// What a model can know is what a shop's log tells: clicks and purchases, and the catalogue. The weights of its signals are fitted
/// once, on the warm-up; each week's model learns factors and neighbours anew from all events so far. Within a week the shopper's
/// last ten events are folded in, as at serving.
///
/// ```swift
/// let pipeline = try SimulationPipeline(SimulatedShop(SimulatedShopConfiguration(seed: 3)))
/// let greedy = try pipeline.run(ReferencePolicy.greedy)
/// let curious = try pipeline.run(ReferencePolicy.ranking(.stochastic))
/// print(curious.total.newSellers - greedy.total.newSellers)
/// ```
///
/// The same shop and policy give the same report, on any number of threads.
public struct SimulationPipeline: Sendable {
    /// Items, tastes and visits: the same for every policy.
    public let shop: SimulatedShop
    /// Purchases that make an item a new seller.
    public var newSellerSales = 5
    /// Whether reports hold every slate.
    public var keepsSlates = false
    /// The model of the first simulated week.
    public let firstSnapshot: ModelSnapshot
    /// Shoppers and sales as the warm-up left them.
    var firstTraffic: SimulatedTraffic { past.traffic }
    private let past: SimulatedPast
    private let builder: HistoryBuilder
    private let attributes: [ItemID: [String: String]]

    /// Small, and quick to train: a shop of a thousand items has no more to tell.
    public static func quickOptions() throws(TrainingError) -> TrainingOptions {
        var options = TrainingOptions(
            als: try ALSConfiguration(dimension: 16, sweeps: 6), neighbours: 100, validationDays: 7,
            validationFolds: 1)
        options.newItemPlaces = false
        return options
    }

    /// Warms up, and trains the first model, which takes as long as some weeks of a run.
    /// - Parameters:
    ///   - shop: the ground truth.
    ///   - options: of the first training; `nil` = ``quickOptions()``. What it leaves open is chosen on the warm-up
    ///     and kept.
    /// - Throws: ``TrainingError`` when the events of the warm-up are no data to train on.
    public init(_ shop: SimulatedShop, options: TrainingOptions? = nil) throws(TrainingError) {
        self.shop = shop
        do throws(InvalidInteraction) { past = try shop.warmUp() } catch { throw .data("\(error)") }
        attributes = Dictionary(uniqueKeysWithValues: zip(shop.itemIDs, shop.items.map(\.attributes)))
        var builder = HistoryBuilder()
        // Users and items come first, in their order: their rows are then their indices.
        for shopper in shop.shopperIDs { builder.add(user: shopper) }
        for item in shop.itemIDs.prefix(shop.launchedItems(by: shop.firstWeek)) { builder.add(item: item) }
        for event in past.events { builder.add(event) }
        self.builder = builder
        let chosen: TrainingOptions
        if let options { chosen = options } else { chosen = try Self.quickOptions() }
        firstSnapshot = try Self.train(chosen, builder, attributes, shop, week: shop.firstWeek)
    }

    private static func train(
        _ options: TrainingOptions, _ builder: HistoryBuilder, _ attributes: [ItemID: [String: String]],
        _ shop: SimulatedShop, week: Int
    ) throws(TrainingError) -> ModelSnapshot {
        guard let version = ModelVersion("week-\(week)") else { throw .configuration("no version") }
        return try TrainingPipeline(options).train(
            builder, attributes: attributes, version: version, created: shop.start(ofWeek: week))
    }

    /// What later weeks train with: all that the first training chose.
    private var settledOptions: TrainingOptions {
        let chosen = firstSnapshot.configuration
        var options = TrainingOptions(
            als: chosen.als, neighbours: chosen.neighbours, repeats: chosen.repeats, weights: chosen.weights,
            strangers: chosen.strangers)
        (options.newItemPlaces, options.exploration) = (chosen.newItemPlaces, chosen.exploration)
        return options
    }

    /// Runs one policy through all simulated weeks.
    /// - Throws: ``TrainingError`` of a week's training.
    /// - Complexity: O(visits * (items + a ranking) + weeks * a training).
    public func run(_ policy: SimulationPolicy) throws(TrainingError) -> SimulationReport {
        var run = SimulationRun(shop, past.traffic, keepsSlates: keepsSlates)
        var builder = builder
        var weeks: [SimulationFigures] = []
        var total = SimulationTally(items: shop.items.count)
        let none = total.sales
        let new = shop.launchedItems(by: shop.firstWeek - 1)..<shop.items.count
        for week in shop.simulatedWeeks {
            for item in shop.itemIDs[builder.itemCount..<shop.launchedItems(by: week)] { builder.add(item: item) }
            let snapshot =
                week == shop.firstWeek
                ? firstSnapshot : try Self.train(settledOptions, builder, attributes, shop, week: week)
            var tally = SimulationTally(items: shop.items.count)
            let before = total.sales
            do throws(InvalidInteraction) {
                for event in try run.week(week, snapshot, policy, &tally, &total) { builder.add(event) }
            } catch { throw .data("\(error)") }
            weeks.append(tally.finished(new: new, before: before, least: newSellerSales))
        }
        return SimulationReport(
            seed: shop.configuration.seed, weeks: weeks,
            total: total.finished(new: new, before: none, least: newSellerSales), slates: run.slates)
    }

    /// Runs every policy on a shop of every seed: reports by seed, and of each seed by policy. Seeds run side by side, each on one
    /// core.
    /// - Throws: ``TrainingError`` of the first seed that failed; a configuration that makes no shop is `.configuration`.
    public static func run(
        _ policies: [SimulationPolicy], configuration: SimulatedShopConfiguration, seeds: [UInt64],
        newSellerSales: Int = 5, report: @escaping @Sendable (_ runs: Int) -> Void = { _ in }
    ) throws(TrainingError) -> [[SimulationReport]] {
        let done = Mutex(0)
        let results = Mutex([Result<[SimulationReport], TrainingError>?](repeating: nil, count: seeds.count))
        forEachRange(seeds.count, grain: 1) { range in
            for place in range {
                let result = Parallel.$isSerial.withValue(true) {
                    Result<[SimulationReport], TrainingError> { () throws(TrainingError) in
                        var configuration = configuration
                        configuration.seed = seeds[place]
                        let shop: SimulatedShop
                        do throws(InvalidSimulation) {
                            shop = try SimulatedShop(configuration)
                        } catch { throw .configuration("\(error)") }
                        var pipeline = try SimulationPipeline(shop)
                        pipeline.newSellerSales = newSellerSales
                        var reports: [SimulationReport] = []
                        for policy in policies {
                            reports.append(try pipeline.run(policy))
                            report(
                                done.withLock { done in
                                    done += 1
                                    return done
                                })
                        }
                        return reports
                    }
                }
                results.withLock { $0[place] = result }
            }
        }
        var reports: [[SimulationReport]] = []
        for result in results.withLock({ $0 }) { if let result { reports.append(try result.get()) } }
        return reports
    }

    /// ``run(_:configuration:seeds:newSellerSales:report:)`` on a thread of its own.
    /// - Parameters:
    ///   - policies: each is run on each seed.
    ///   - configuration: of the shops; its seed is replaced.
    ///   - seeds: one shop each.
    ///   - newSellerSales: purchases that make an item a new seller.
    ///   - report: told how many runs are done.
    public static func reports(
        _ policies: [SimulationPolicy], configuration: SimulatedShopConfiguration, seeds: [UInt64],
        newSellerSales: Int = 5, report: @escaping @Sendable (_ runs: Int) -> Void = { _ in }
    ) async throws(TrainingError) -> [[SimulationReport]] {
        try await HeavyWork.run { () throws(TrainingError) in
            try run(
                policies, configuration: configuration, seeds: seeds, newSellerSales: newSellerSales, report: report)
        }
    }
}
