// Search and neighbours against brute force.
import RecCore
import Testing

@Suite struct RetrievalTests {
    @Test func searchEqualsBruteForceWithTiesByRow() {
        var generator = SplitMix64(seed: 9)
        for rows in [0, 1, 5, 1023, 1024, 1025, 3000] {
            // Small integers: many equal scores, and sums without rounding.
            let elements = (0..<(rows * 3)).map { _ in Float(Int.random(in: -3...3, using: &generator)) }
            let matrix = DenseMatrix(rows: rows, columns: 3, elements)
            let query = (0..<3).map { _ in Float(Int.random(in: -3...3, using: &generator)) }
            let expected = (0..<rows).filter { $0 % 3 != 0 }
                .map { row in ScoredRow(row: row, score: zip(matrix[row: row], query).reduce(0) { $0 + $1.0 * $1.1 }) }
                .sorted(by: ScoredRow.isBefore).prefix(20)

            #expect(
                PrunedSearch(matrix).largest(20, query: query, in: matrix, where: { $0 % 3 != 0 }) == Array(expected))
        }
    }

    @Test func neighboursEqualTheWalkCountedByHand() throws {
        let history = try SmallShop.builder(users: 15, items: 10, events: 4).build()
        let items = history.items.count
        var taken = [[Bool]](repeating: [Bool](repeating: false, count: items), count: history.users.count)
        for user in 0..<history.users.count {
            for item in history.past(of: user) { taken[user][Int(item.item)] = true }
        }
        let neighbours = ItemNeighbours.build(history, count: 100)
        let matrix = neighbours.matrix

        for i in 0..<items {
            #expect(neighbours.sizes[i] == Float(taken.count { $0[i] }))
            for j in 0..<items {
                var walk = 0.0
                var together = 0
                for row in taken where row[i] && row[j] {
                    walk += 1 / Double(row.count { $0 })
                    together += 1
                }
                let entry = matrix.range(of: i).first { matrix.indices[$0] == Int32(j) }
                #expect(abs(Double(entry.map { matrix.values[$0] } ?? 0) - walk) < 1e-5)
                #expect(entry.map { neighbours.together[$0] } ?? 0 == Float(together))
            }
        }
    }

    @Test func contentNeighboursAreTheNearestSoldItemsByCosine() throws {
        var builder = try SmallShop.builder(users: 10, items: 8, events: 6)
        for item in 8..<12 { builder.add(item: ItemID("i\(item)")) }
        let history = builder.build()
        let rows = (0..<history.items.count).map { row -> [String: String] in
            let number = Int(history.items.name(of: row).dropFirst()) ?? 0
            return ["text": "word\(number % 3)a word\(number % 4)b word\(number % 5)c"]
        }
        let features = ItemFeatures.build(rows)
        let sold = history.itemEvents.map { $0 > 0 }
        func cosine(_ a: Int, _ b: Int) -> Float {
            features.matrix.range(of: a).reduce(0) { sum, entry in
                let other = features.matrix.range(of: b).first {
                    features.matrix.indices[$0] == features.matrix.indices[entry]
                }
                return sum + features.matrix.values[entry] * (other.map { features.matrix.values[$0] } ?? 0)
            }
        }

        let found = ContentNeighbours.build(features, hasEvents: sold, count: 3).matrix.transposed()

        for item in 0..<history.items.count {
            let nearest = (0..<history.items.count).filter { sold[$0] && $0 != item && cosine(item, $0) > 0 }
                .map { ScoredRow(row: $0, score: cosine(item, $0)) }.sorted { $0.score > $1.score }
            let kept = found.range(of: item).map { found.values[$0] }.sorted(by: >)
            #expect(zip(kept, nearest.prefix(3)).allSatisfy { abs($0 - $1.score * $1.score) < 1e-5 })
            #expect(kept.count == min(3, nearest.count))
        }
    }
}
