// Planted groups and surfaces on the map; the neighbour graph against brute force; one seed, one map.
import Testing

@testable import RecCore

@Suite struct CatalogueMapTests {
    /// Items around `groups` directions, each spread along three directions of its own.
    private func planted(_ count: Int, dimension: Int = 32, groups: Int, seed: UInt64 = 3) -> (
        vectors: DenseMatrix, group: [Int]
    ) {
        var generator = SplitMix64(seed: seed)
        func normal(_ deviation: Float) -> [Float] { (0..<dimension).map { _ in deviation * generator.nextNormal() } }
        let centers = (0..<groups).map { _ in normal(1) }
        let spreads = (0..<groups).map { _ in (0..<3).map { _ in normal(0.3) } }
        var elements: [Float] = []
        for item in 0..<count {
            let shares = (0..<3).map { _ in generator.nextNormal() }
            for k in 0..<dimension {
                let spread = (0..<3).reduce(Float(0)) { $0 + shares[$1] * spreads[item % groups][$1][k] }
                elements.append(centers[item % groups][k] + spread + 0.01 * generator.nextNormal())
            }
        }
        return (DenseMatrix(rows: count, columns: dimension, elements), (0..<count).map { $0 % groups })
    }

    /// For each point all others, nearest first.
    private func ranks(_ count: Int, _ distance: (Int, Int) -> Float) -> [[Int]] {
        (0..<count).map { point in
            let distances = (0..<count).map { distance(point, $0) }
            return (0..<count).filter { $0 != point }.sorted { distances[$0] < distances[$1] }
        }
    }

    private func ranks(on map: CatalogueMap) -> [[Int]] {
        ranks(map.x.count) { a, b in
            let (dx, dy) = (map.x[a] - map.x[b], map.y[a] - map.y[b])
            return dx * dx + dy * dy
        }
    }

    private func ranks(in vectors: DenseMatrix) -> [[Int]] {
        let points = UnitRows(vectors, rows: (0..<Int32(vectors.rows)).map { $0 })
        return ranks(vectors.rows) { -points.dot($0, $1) }
    }

    @Test func tenGroupsStandApart() throws {
        let (vectors, group) = planted(300, groups: 10)

        let map = try #require(CatalogueMap.draw(vectors, configuration: .init(epochs: 100)))

        let near = ranks(on: map).enumerated().map { point, others in
            others.prefix(10).count { group[$0] == group[point] }
        }
        #expect(Double(near.reduce(0, +)) >= 0.9 * Double(10 * 300))
        #expect(map.rows == (0..<300).map { Int32($0) })
    }

    /// Venna and Kaski, Neighborhood Preservation in Nonlinear Projection Methods, ICANN 2001: 1 when none of the
    /// nearest on the map was farther before, about 0.5 for a map without any order.
    @Test func neighboursOnTheMapAreNeighboursAmongTheVectors() throws {
        let (vectors, _) = planted(300, groups: 3)
        let (count, near) = (300, 8)
        let before = ranks(in: vectors).map { others in
            var rank = [Int](repeating: 0, count: count)
            for (place, other) in others.enumerated() { rank[other] = place + 1 }
            return rank
        }
        func trustworthiness(_ map: CatalogueMap) -> Double {
            var excess = 0
            for (point, others) in ranks(on: map).enumerated() {
                for other in others.prefix(near) { excess += max(0, before[point][other] - near) }
            }
            return 1 - 2 * Double(excess) / Double(count * near * (2 * count - 3 * near - 1))
        }

        let map = try #require(CatalogueMap.draw(vectors, configuration: .init(epochs: 100)))
        var generator = SplitMix64(seed: 8)
        let random = CatalogueMap(
            rows: map.rows, x: map.x.map { _ in Float(generator.nextUnit()) },
            y: map.y.map { _ in Float(generator.nextUnit()) })

        #expect(trustworthiness(map) > 0.95)
        #expect(trustworthiness(random) < 0.6)
    }

    @Test func theGraphFindsTheNearestNeighbours() throws {
        let (vectors, _) = planted(400, groups: 4)
        let given = UnitRows(vectors, rows: (0..<400).map { Int32($0) })
        // Small leaves: the rounds have to find what the trees cut apart.
        let effort = NearestGraph.Effort(trees: 2, leaf: 16)

        let (graph, points, order) = try #require(NearestGraph.build(given, width: 10, effort: effort, seed: 5))

        let exact = ranks(400) { -points.dot($0, $1) }
        var hits = 0
        for point in 0..<400 {
            let own = (0..<10).map { graph.neighbours[point * 10 + $0] }
            #expect(Set(own).count == 10 && !own.contains(Int32(point)))
            hits += Set(own).intersection(exact[point].prefix(10).map { Int32($0) }).count
        }
        #expect(Double(hits) > 0.9 * 4000)
        #expect(order.sorted() == (0..<400).map { Int32($0) })
        #expect((0..<32).allSatisfy { points[7, $0] == given[Int(order[7]), $0] })
    }

    @Test func weightsAreTheSameFromBothEndsAndTheNearestNeighbourWeighsOne() throws {
        let (vectors, _) = planted(200, groups: 2)
        let given = UnitRows(vectors, rows: (0..<200).map { Int32($0) })
        let graph = try #require(NearestGraph.build(given, width: 8, seed: 5)).graph

        let edges = MapEdges(graph)

        var weights: [[Int32]: [Float]] = [:]
        for point in 0..<200 {
            for edge in edges.offsets[point]..<edges.offsets[point + 1] {
                let other = edges.others[edge]
                weights[[min(Int32(point), other), max(Int32(point), other)], default: []].append(edges.weights[edge])
            }
            #expect((edges.offsets[point]..<edges.offsets[point + 1]).contains { edges.weights[$0] == 1 })
        }
        #expect(weights.values.allSatisfy { $0.count == 2 && $0[0] == $0[1] && $0[0] >= 0 && $0[0] <= 1 })
    }

    @Test func oneSeedGivesOneMapOnAnyNumberOfThreads() throws {
        let (vectors, _) = planted(300, groups: 5)
        func draw(_ seed: UInt64) -> CatalogueMap? {
            CatalogueMap.draw(vectors, configuration: .init(epochs: 20, seed: seed))
        }

        let all = try #require(draw(1))
        let single = try #require(Parallel.$isSerial.withValue(true) { draw(1) })

        #expect(all.x == single.x && all.y == single.y)
        #expect(try #require(draw(2)).x != all.x)
    }

    @Test func everyPlaceIsFiniteAndInsideTheMap() throws {
        var generator = SplitMix64(seed: 6)
        for count in [0, 1, 2, 3, 5, 60] {
            let normal = (0..<(count * 4)).map { _ in generator.nextNormal() }
            let huge = normal.map { $0 * 1e30 }
            let tiny = normal.map { $0 * 1e-30 }
            let equal = normal.map { _ in Float(2) }
            let pairs = (0..<(count * 4)).map { Float($0 / 4 % 2 == 0 ? 1 : -1) }
            for elements in [normal, huge, tiny, equal, pairs] {
                let vectors = DenseMatrix(rows: count, columns: 4, elements)
                let map = try #require(CatalogueMap.draw(vectors, configuration: .init(epochs: 10)))
                #expect(map.rows.count == count && map.x.count == count && map.y.count == count)
                #expect((map.x + map.y).allSatisfy { $0 >= 0 && $0 <= 1 })
            }
        }
    }

    @Test func itemsWithoutADirectionAreLeftOut() throws {
        let vectors = DenseMatrix(
            rows: 6, columns: 2, [1, 0, 0, 0, .nan, 1, 0, 1, .infinity, 0, 1, 1])

        let map = try #require(CatalogueMap.draw(vectors, isPlaced: { $0 != 5 }, configuration: .init(epochs: 5)))

        #expect(map.rows == [0, 3])
    }

    @Test func stepsAreToldInOrderAndTheWorkCanBeGivenUp() {
        let (vectors, _) = planted(120, groups: 2)
        var told: [(step: CatalogueMap.Step, done: Double)] = []
        let map = CatalogueMap.draw(vectors, configuration: .init(epochs: 5), progress: { told.append(($0, $1)) })

        #expect(map != nil)
        let places = told.map { Double(CatalogueMap.Step.allCases.firstIndex(of: $0.step) ?? 9) * 2 + $0.done }
        #expect(places == places.sorted() && told.last?.step == .layout && told.last?.done == 1)

        for asked in [0, 1, 4, told.count - 4] {
            var left = asked
            let given = CatalogueMap.draw(
                vectors, configuration: .init(epochs: 5),
                isCancelled: {
                    left -= 1
                    return left < 0
                })
            #expect(given == nil)
        }
    }
}
