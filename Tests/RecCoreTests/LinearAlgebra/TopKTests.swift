// The best k: as sorting gives them, for any k.
import RecCore
import Testing

@Suite struct TopKTests {
    @Test(arguments: [-1, 0, 1, 7, 100, 5_000, Int.max / 16, .max])
    func theBestAreThoseThatSortingGives(capacity: Int) {
        var generator = SplitMix64(seed: 11)
        // Equal scores, and more rows than room is made for at once.
        let rows = (0..<6_000).map { ScoredRow(row: $0, score: Float(Int.random(in: 0..<900, using: &generator))) }
        var best = TopK(capacity: capacity)
        for row in rows.shuffled(using: &generator) { best.offer(row) }
        best.offer(ScoredRow(row: 6_000, score: .nan))

        #expect(best.sorted() == Array(rows.sorted(by: ScoredRow.isBefore).prefix(max(0, capacity))))
    }
}
