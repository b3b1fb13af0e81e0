// The pruned search gives the very list of scoring every row, on rows of every kind.
import Foundation
import Testing

@testable import RecCore

@Suite struct PrunedSearchTests {
    /// Rows whose lengths fall and whose directions are few, as trained factors are, or plain random ones.
    private func rows(_ count: Int, _ d: Int, isTrained: Bool, seed: UInt64) -> DenseMatrix {
        var generator = SplitMix64(seed: seed)
        return DenseMatrix(
            rows: count, columns: d,
            (0..<count).flatMap { row -> [Float] in
                let length = isTrained ? 3 / (1 + Float(row % 97)) : 1
                return (0..<d).map { k in length * generator.nextNormal() / (isTrained ? 1 + Float(k) : 1) }
            })
    }

    private func bruteForce(
        _ count: Int, _ query: [Float], _ matrix: DenseMatrix, _ isEligible: (Int) -> Bool = { _ in true }
    ) -> [ScoredRow] {
        Array(
            (0..<matrix.rows).filter(isEligible).map { ScoredRow(row: $0, score: matrix.dot(row: $0, query)) }
                .sorted(by: ScoredRow.isBefore).prefix(count))
    }

    /// Fewer under the address sanitizer, which takes many times as long.
    private static let count = ProcessInfo.processInfo.environment["REC_SANITIZE"] == "1" ? 300 : 3000

    @Test(arguments: [true, false], [1, 7, 32, 40, 128])
    func listsAreThoseOfBruteForce(isTrained: Bool, d: Int) {
        let matrix = rows(Self.count, d, isTrained: isTrained, seed: UInt64(d))
        let queries = rows(20, d, isTrained: isTrained, seed: 99)
        let search = PrunedSearch(matrix)
        for k in [1, 10, Self.count - 1, Self.count + 2000] {
            for query in 0..<(k < 100 ? 20 : 2) {
                let query = queries[row: query]
                #expect(search.largest(k, query: query, in: matrix) == bruteForce(k, query, matrix))
                let open = { (row: Int) in row % 3 != 1 }
                #expect(search.largest(k, query: query, in: matrix, where: open) == bruteForce(k, query, matrix, open))
            }
        }
        let many = search.largest(10, queries: queries, in: matrix) { query, row in row % (query + 2) != 0 }
        for query in 0..<20 {
            #expect(many[query] == bruteForce(10, queries[row: query], matrix) { $0 % (query + 2) != 0 })
        }
    }

    @Test(arguments: [7, 40, 128])
    func aFloorThatIsReachedChangesNothing(d: Int) throws {
        let matrix = rows(3000, d, isTrained: true, seed: 3)
        let search = PrunedSearch(matrix)
        let query = rows(1, d, isTrained: true, seed: 4)[row: 0]
        let expected = bruteForce(20, query, matrix)
        let last = try #require(expected.last).score
        var (free, spared) = (PrunedSearch.Work(), PrunedSearch.Work())

        #expect(search.largest(20, query: query, in: matrix, work: &free) == expected)
        #expect(search.largest(20, query: query, in: matrix, atLeast: last, work: &spared) == expected)
        let above = search.largest(20, query: query, in: matrix, atLeast: last.nextUp)

        #expect(spared.scored <= free.scored && spared.coded <= free.coded)
        #expect(above == expected.filter { $0.score > last })
    }

    @Test func equalScoresStandInOrderOfRows() {
        // Many equal rows, and rows that differ by one rounding.
        let matrix = DenseMatrix(
            rows: 5000, columns: 48,
            (0..<5000).flatMap { row -> [Float] in
                let scale: Float = row % 5 == 4 ? Float(1).nextUp : 1
                return (0..<48).map { k -> Float in scale * Float(1 + (k + row % 2) % 3) }
            })
        let search = PrunedSearch(matrix)
        let query = (0..<48).map { Float($0 % 7) - 2.5 }
        let expected = bruteForce(100, query, matrix)
        #expect(search.largest(100, query: query, in: matrix) == expected)
        #expect(search.largest(100, queries: DenseMatrix(rows: 1, columns: 48, query), in: matrix) == [expected])
    }

    @Test func someRowsOnly() {
        let matrix = rows(2000, 64, isTrained: true, seed: 3)
        let chosen = (0..<2000).filter { $0 % 7 == 0 }
        let search = PrunedSearch(matrix, rows: chosen)
        let query = rows(1, 64, isTrained: true, seed: 4)[row: 0]
        #expect(search.count == chosen.count)
        #expect(search.largest(20, query: query, in: matrix) == bruteForce(20, query, matrix) { $0 % 7 == 0 })
        #expect(PrunedSearch(matrix, rows: []).largest(5, query: query, in: matrix).isEmpty)
        #expect(search.largest(0, query: query, in: matrix).isEmpty)
    }

    /// Rows and queries all of one direction or its opposite: products as large as 16 bits are to hold.
    @Test(arguments: [1, 2, 3, 4, 5, 16, 33, 127, 512])
    func productsAsLargeAsTheyGetStayInSixteenBits(d: Int) {
        var elements: [Float] = []
        for row in 0..<100 {
            let size = 2 - Float(row) / 100
            elements += [Float](repeating: row % 2 == 0 ? size : -size, count: d)
        }
        let matrix = DenseMatrix(rows: 100, columns: d, elements)
        let search = PrunedSearch(matrix)
        for sign: Float in [1, -1] {
            let query = [Float](repeating: sign, count: d)
            #expect(search.largest(30, query: query, in: matrix) == bruteForce(30, query, matrix))
            let low = bruteForce(100, query, matrix)[80].score
            let expected = bruteForce(100, query, matrix).filter { $0.score >= low }
            #expect(search.largest(100, query: query, in: matrix, atLeast: low) == expected)
        }
    }

    @Test func itemsWithAndWithoutEventsMakeOneList() {
        // Equal scores on both sides.
        let elements = (0..<4800).map { (place: Int) -> Float in
            let value = (place / 48 + place % 12) % 9
            return Float(value - 4)
        }
        let matrix = DenseMatrix(rows: 400, columns: 12, elements)
        let isNew = (0..<400).map { $0 % 3 == 0 }
        let norms = matrix.inverseNorms()
        let search = ItemSearch(matrix, isNew: isNew, weights: norms)
        let added = (0..<120).map { (place: Int) -> Float in Float(place % 5 - 2) }
        let more = DenseMatrix(rows: 410, columns: 12, elements + added)
        let grown = ItemSearch(
            more, isNew: isNew + Array(repeating: true, count: 10), weights: more.inverseNorms(), sharing: search)
        let fresh = ItemSearch(
            more, isNew: isNew + Array(repeating: true, count: 10), weights: more.inverseNorms())
        for turn in 0..<20 {
            let query = (0..<12).map { (k: Int) -> Float in Float(k * turn % 7 - 3) }
            let expected = (0..<400).map { ScoredRow(row: $0, score: matrix.dot(row: $0, query) * norms[$0]) }
                .filter { $0.row % 5 != 0 }.sorted(by: ScoredRow.isBefore).prefix(25)
            #expect(search.largest(25, query: query, in: matrix, where: { $0 % 5 != 0 }) == Array(expected))
            #expect(
                grown.largest(60, query: query, in: more, where: { _ in true })
                    == fresh.largest(60, query: query, in: more, where: { _ in true }))
        }
    }

    @Test func weightedListsAreThoseOfBruteForce() {
        let matrix = rows(3000, 40, isTrained: true, seed: 5)
        let norms = matrix.inverseNorms()
        let search = PrunedSearch(matrix, weights: norms)
        for seed in 0..<10 {
            let query = rows(1, 40, isTrained: true, seed: UInt64(seed))[row: 0]
            let expected = (0..<3000).map { ScoredRow(row: $0, score: matrix.dot(row: $0, query) * norms[$0]) }
                .sorted(by: ScoredRow.isBefore).prefix(30)
            #expect(search.largest(30, query: query, in: matrix) == Array(expected))
            #expect(
                search.largest(30, queries: DenseMatrix(rows: 1, columns: 40, query), in: matrix) == [Array(expected)])
        }
    }

    @Test func rowsOfEveryMagnitudeStandTogether() {
        // From numbers whose products just fit into Float32 to such that have no scale.
        var generator = SplitMix64(seed: 6)
        let magnitudes: [Float] = [1e17, 1e8, 1, 1e-8, 1e-17, 1e-30, 0x1p-136, 0]
        let matrix = DenseMatrix(
            rows: 700, columns: 24,
            (0..<700).flatMap { row in (0..<24).map { _ in magnitudes[row % 8] * generator.nextNormal() } })
        let search = PrunedSearch(matrix)
        for magnitude in magnitudes {
            let query = (0..<24).map { _ in magnitude * generator.nextNormal() }
            for count in [1, 60, 650] {
                #expect(search.largest(count, query: query, in: matrix) == bruteForce(count, query, matrix))
            }
        }
    }

    @Test func aRowThatIsNoNumberHidesNoOther() {
        var elements = (0..<(200 * 8)).map { Float($0 % 13) - 6 }
        (elements[8 * 50 + 3], elements[8 * 60]) = (.nan, .infinity)
        let matrix = DenseMatrix(rows: 200, columns: 8, elements)
        let query = (0..<8).map { Float($0) - 3.5 }
        let expected = bruteForce(20, query, matrix) { $0 != 50 && $0 != 60 }
        let found = PrunedSearch(matrix).largest(20, query: query, in: matrix) { $0 != 60 }
        #expect(found == expected)
    }

    @Test func zerosAndNumbersThatAreNotFiniteDoNotTrap() {
        let zeros = DenseMatrix(rows: 30, columns: 8, [Float](repeating: 0, count: 240))
        let query = [Float](repeating: 1, count: 8)
        #expect(PrunedSearch(zeros).largest(3, query: query, in: zeros).map(\.row) == [0, 1, 2])
        #expect(PrunedSearch(zeros).largest(3, query: query.map { $0 * 0 }, in: zeros).map(\.row) == [0, 1, 2])
        #expect(PrunedSearch(zeros).largest(3, query: query.map { $0 * .nan }, in: zeros).isEmpty)
    }

    @Test func fewRowsOfTrainedFactorsAreReadInFull() {
        let matrix = rows(20_000, 64, isTrained: true, seed: 8)
        let queries = rows(10, 64, isTrained: true, seed: 9)
        let search = PrunedSearch(matrix)
        var work = PrunedSearch.Work()
        for query in 0..<10 { _ = search.largest(50, query: queries[row: query], in: matrix, work: &work) }
        #expect(work.coded < 10 * 20_000 / 4 && work.scored < 10 * 20_000 / 50)
    }
}
