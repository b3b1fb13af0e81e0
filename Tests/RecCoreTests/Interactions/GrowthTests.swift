// Tables that grow hold what tables made at once hold.
import Testing

@testable import RecCore

@Suite struct GrowthTests {
    @Test(arguments: [0, 1, 3, 4, 5, 100])
    func appendedNamesAreFoundAsIfTheyHadAlwaysBeenThere(_ count: Int) {
        let names = (0..<count).map { "old \($0)" }
        var table = IDMap(names)
        var all = names
        for batch in 0..<6 {
            let added = (0..<(batch * 7)).map { "ä \(batch).\($0)" }
            table = table.appending(added)
            all += added
        }

        #expect(table.count == all.count)
        for (row, name) in all.enumerated() {
            #expect(table.row(of: name) == row && table.name(of: row) == name)
        }
        #expect(table.row(of: "not there") == nil && table.row(of: "") == nil)
        #expect(IDMap(offsets: table.offsets, bytes: table.bytes, slots: table.slots) != nil)
    }

    @Test func replacedRowsAreThoseOfAMatrixMadeAtOnce() {
        var generator = SplitMix64(seed: 3)
        for _ in 0..<200 {
            let rows = Int.random(in: 0...8, using: &generator)
            let columns = Int.random(in: 1...6, using: &generator)
            func entries(_ columns: Int) -> [(column: Int32, value: Float)] {
                (0..<columns).filter { _ in Bool.random(using: &generator) }.map {
                    (Int32($0), Float.random(in: 0.1...1, using: &generator))
                }
            }
            var lists = (0..<rows).map { _ in entries(columns) }
            let old = matrix(lists, columns: columns)
            let size = rows + Int.random(in: 0...3, using: &generator)
            let width = columns + Int.random(in: 0...3, using: &generator)
            lists += Array(repeating: [], count: size - rows)
            var changed: [Int: [(column: Int32, value: Float)]] = [:]
            for row in 0..<size where Int.random(in: 0..<3, using: &generator) == 0 { changed[row] = entries(width) }
            for (row, list) in changed { lists[row] = list }

            let found = old.replacing(changed, rows: size, columns: width)

            let expected = matrix(lists, columns: width)
            #expect(found.rows == size && found.columns == width)
            #expect(Array(found.offsets) == Array(expected.offsets))
            #expect(Array(found.indices) == Array(expected.indices))
            #expect(Array(found.values) == Array(expected.values))
        }
    }

    private func matrix(_ lists: [[(column: Int32, value: Float)]], columns: Int) -> InteractionMatrix {
        var offsets: [Int64] = [0]
        for list in lists { offsets.append((offsets.last ?? 0) + Int64(list.count)) }
        return InteractionMatrix(
            rows: lists.count, columns: columns, offsets: Column(offsets),
            indices: Column(lists.joined().map(\.column)), values: Column(lists.joined().map(\.value)))
    }

    @Test func paddedMatricesKeepTheirElementsAndHaveZerosBehind() {
        let matrix = DenseMatrix(rows: 2, columns: 2, [1, 2, 3, 4])

        #expect(Array(matrix.padded(columns: 3).elements) == [1, 2, 0, 3, 4, 0])
        #expect(Array(matrix.padded(rows: 3).elements) == [1, 2, 3, 4, 0, 0])
        #expect(Array(matrix.padded(rows: 2).padded(columns: 2).elements) == [1, 2, 3, 4])
    }
}
