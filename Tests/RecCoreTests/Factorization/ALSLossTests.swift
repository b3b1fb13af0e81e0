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
            last = (factors, loss())
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
        for solver in [RowSolver.exact, .conjugateGradient(steps: 3), .conjugateGradient(steps: 1)] {
            let losses = try losses(history.matrix, configuration { $0.solver = solver })
            #expect(losses.count == 6)
            for (before, after) in zip(losses, losses.dropFirst()) { #expect(after <= before * (1 + 1e-5)) }
            #expect((losses.last ?? 0) < (losses.first ?? 0))
        }
    }

    private func losses(_ matrix: InteractionMatrix, _ configuration: ALSConfiguration) throws -> [Double] {
        var losses: [Double] = []
        _ = try ALSTrainer(configuration).fit(matrix) { _, _, loss in
            losses.append(loss().total)
            return true
        }
        return losses
    }

    /// Rows of every length from 0 to beyond the block of heavy rows, confidences of three sizes, unequal shares and nu.
    @Test func conjugateGradientsReachTheLossOfExactSolves() throws {
        var generator = SplitMix64(seed: 5)
        let (users, items) = (2600, 60)
        var offsets: [Int64] = [0]
        var indices: [Int32] = []
        for user in 0..<users {
            // Item 0 has all users but one in a hundred: a heavy row.
            let taken = (0..<items).filter { item in
                item == 0
                    ? user % 100 != 0
                    : Double.random(in: 0..<1, using: &generator) < (item % 3 == user % 3 ? 0.5 : 0.05)
            }
            indices += taken.map(Int32.init)
            offsets.append(Int64(indices.count))
        }
        let matrix = InteractionMatrix(
            rows: users, columns: items, offsets: Column(offsets), indices: Column(indices),
            values: Column(indices.indices.map { [1, 5, 40][$0 % 3] }))
        let configuration = try configuration {
            $0.dimension = 16
            $0.sweeps = 8
        }
        func run(_ solver: RowSolver) throws -> (loss: Double, factors: Factors) {
            var configuration = configuration
            configuration.solver = solver
            var last = 0.0
            let exposure = Column((0..<items).map { Float($0 % 4 + 1) / 4 })
            let result = try ALSTrainer(configuration).fit(matrix, side: ALSSideInformation(exposure: exposure)) {
                last = $2().total
                return true
            }
            return (last, result.factors)
        }
        let exact = try run(.exact)
        // As many steps as it takes are an exact solve; three a sweep are on the way to it.
        let iterated = try run(.conjugateGradient(steps: 40))
        #expect(abs(iterated.loss - exact.loss) < 1e-4 * exact.loss)
        let short = try run(.conjugateGradient(steps: 3))
        #expect(short.loss < 1.02 * exact.loss)
        // The same scores, though each run ends in a basis of its own.
        var (difference, size) = (0.0, 0.0)
        for user in stride(from: 0, to: users, by: 50) {
            for item in 0..<items {
                let score = exact.factors.users.dot(row: user, with: exact.factors.items, row: item)
                let other = iterated.factors.users.dot(row: user, with: iterated.factors.items, row: item)
                difference += Double((score - other) * (score - other))
                size += Double(score * score)
            }
        }
        #expect(difference < 1e-3 * size)
    }

    @Test func chunksHoldEveryRowOnceAndLikeWork() {
        let counts = (0..<500).map { $0 == 250 ? 9000 : $0 % 7 }
        var offsets: [Int64] = [0]
        for count in counts { offsets.append(offsets[offsets.count - 1] + Int64(count)) }
        let entries = Int(offsets[500])
        let matrix = InteractionMatrix(
            rows: 500, columns: 1, offsets: Column(offsets), indices: Column(Array(repeating: 0, count: entries)),
            values: Column(Array(repeating: 1, count: entries)))
        let chunks = matrix.chunks(ofWork: 1000)
        #expect(chunks.flatMap(Array.init) == Array(0..<500))
        #expect(
            chunks.allSatisfy {
                $0.count == 1 || Int(offsets[$0.upperBound] - offsets[$0.lowerBound]) + 16 * $0.count <= 1016
            })
        #expect(chunks.contains { $0 == 250..<251 })
        #expect(InteractionMatrix.empty(rows: 0, columns: 0).chunks(ofWork: 10).isEmpty)
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
