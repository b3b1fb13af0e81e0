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

            #expect(matrix.largest(20, query: query, where: { $0 % 3 != 0 }) == Array(expected))
        }
    }

    @Test func neighboursEqualTheWalkCountedByHand() throws {
        let history = try SmallShop.builder(users: 15, items: 10, events: 4).build()
        let items = history.items.count
        var taken = [[Bool]](repeating: [Bool](repeating: false, count: items), count: history.users.count)
        for user in 0..<history.users.count {
            for item in history.past(of: user) { taken[user][Int(item.item)] = true }
        }
        let neighbours = ItemNeighbours.build(history, count: 100).matrix

        for i in 0..<items {
            let size = Double(taken.count { $0[i] })
            for j in 0..<items where j != i {
                var walk = 0.0
                for row in taken where row[i] && row[j] { walk += 1 / Double(row.count { $0 }) }
                let entry = neighbours.range(of: i).first { neighbours.indices[$0] == Int32(j) }
                #expect(abs(Double(entry.map { neighbours.values[$0] } ?? 0) - walk / size) < 1e-6)
            }
        }
    }
}
