// The objective and its parts, what exposure and attributes do to a factorisation, and when it stops.
import Testing

@testable import RecCore

@Suite struct ALSLossTests {
    private func configuration(_ change: (inout ALSConfiguration) -> Void = { _ in }) throws -> ALSConfiguration {
        var configuration = try ALSConfiguration(
            dimension: 4, unobservedWeight: 0.2, regularization: 0.3, frequencyScaling: 0.5, sweeps: 6)
        change(&configuration)
        return configuration
    }

    @Test func partsEqualTheObjectiveSummedPairByPair() throws {
        let history = try SmallShop.builder(users: 15, items: 10).build()
        let configuration = try configuration()
        let exposure = Column((0..<10).map { Float($0 % 3) / 2 })
        var last: (Factors, ALSLoss)?
        _ = try ALSTrainer(configuration).fit(
            history.matrix, side: ALSSideInformation(exposure: exposure)
        ) { _, factors, loss in
            last = (factors, loss)
            return true
        }
        let (factors, loss) = try #require(last)
        var (observed, unobserved, regularization) = (0.0, 0.0, 0.0)
        var itemSums = [Double](repeating: 0, count: 10)
        for user in 0..<15 {
            var sum = 0.0
            for entry in history.matrix.range(of: user) {
                let item = Int(history.matrix.indices[entry])
                let weight = Double(history.matrix.values[entry])
                let score = Double(factors.users.dot(row: user, with: factors.items, row: item))
                observed += weight * (score - 1) * (score - 1)
                sum += weight
                itemSums[item] += weight
            }
            for item in 0..<10 {
                let score = Double(factors.users.dot(row: user, with: factors.items, row: item))
                unobserved += 0.2 * Double(exposure[item]) * score * score
            }
            let square = factors.users[row: user].reduce(0.0) { $0 + Double($1) * Double($1) }
            regularization += 0.3 * (sum + 0.2 * 10).squareRoot() * square
        }
        for item in 0..<10 {
            let square = factors.items[row: item].reduce(0.0) { $0 + Double($1) * Double($1) }
            regularization += 0.3 * (itemSums[item] + 0.2 * 15).squareRoot() * square
        }
        #expect(abs(loss.observed - observed) < 1e-4 * observed)
        #expect(abs(loss.unobserved - unobserved) < 1e-4 * unobserved)
        #expect(abs(loss.regularization - regularization) < 1e-4 * regularization)
    }

    @Test func theObjectiveNeverRises() throws {
        let history = try SmallShop.builder(users: 50, items: 30).build()
        let losses = try ALSTrainer(configuration()).fit(history.matrix).losses.map(\.total)
        #expect(losses.count == 6)
        for (before, after) in zip(losses, losses.dropFirst()) { #expect(after <= before * (1 + 1e-5)) }
        #expect((losses.last ?? 0) < (losses.first ?? 0))
    }

    @Test func attributesDrawARareItemToItsKind() throws {
        var builder = try SmallShop.builder(users: 60, items: 20)
        // One buyer of the wrong group; the attributes say that it is of the even ones.
        builder.add(try SmallShop.event("u1", "rare", day: 3))
        let history = builder.build()
        let rare = try #require(history.items.row(of: "rare"))
        let kinds = try (0..<history.items.count).map { row -> Int32 in
            let name = history.items.name(of: row)
            return row == rare ? 0 : Int32(try #require(Int(name.dropFirst())) % 2)
        }
        let features = InteractionMatrix(
            rows: kinds.count, columns: 2, offsets: Column((0...kinds.count).map { Int64($0) }),
            indices: Column(kinds), values: Column(kinds.map { _ in 1 }))
        let even = try #require(history.users.row(of: "u0"))
        func liking(_ side: ALSSideInformation) throws -> Float {
            let factors = try ALSTrainer(configuration()).fit(history.matrix, side: side).factors
            return factors.users.dot(row: even, with: factors.items, row: rare)
        }
        #expect(try liking(ALSSideInformation(itemFeatures: features)) > liking(.none) + 0.05)
    }

    @Test func itStopsWhenNothingIsGained() throws {
        let builder = try SmallShop.builder(users: 60, items: 20)
        let split = builder.validationSplit(days: 2)
        let history = builder.build(only: split.isTraining)
        let stop = EarlyStop(split, history, withPast: true)
        let factors = try ALSTrainer(configuration()).fit(history.matrix).factors
        let ended = (1...20).first { stop.isOver($0, factors) }
        #expect(ended == 1 + EarlyStop.patience)
        #expect(stop.bestSweep == 1 && stop.best > 0)
    }
}
