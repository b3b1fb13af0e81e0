// The regression against a direct inverse, and what follows what in planted chains.
import Testing

@testable import RecCore

@Suite struct RegressionAndSequenceTests {
    @Test func regressionEqualsTheDirectInverse() throws {
        let history = try SmallShop.builder(users: 60, items: 6, events: 3).build()
        let count = history.items.count
        var system = [[Double]](repeating: Array(repeating: 0, count: count), count: count)
        for user in 0..<history.users.count {
            let row = history.past(of: user).map { Int($0.item) }
            for i in row { for j in row { system[i][j] += 1 } }
        }
        for i in 0..<count { system[i][i] += 300 + 0.33 * system[i][i] }
        let inverse = Self.inverse(system)

        let found = ItemRegression.build(history).matrix

        for i in 0..<count {
            var row = [Double](repeating: 0, count: count)
            for entry in found.range(of: i) { row[Int(found.indices[entry])] = Double(found.values[entry]) }
            for j in 0..<count {
                let expected = i == j ? 0 : -inverse[i][j] / inverse[j][j]
                #expect(abs(row[j] - expected) < 1e-5)
            }
        }
    }

    /// Gauss and Jordan, without pivoting: the system is positive definite.
    private static func inverse(_ matrix: [[Double]]) -> [[Double]] {
        let count = matrix.count
        var left = matrix
        var right = (0..<count).map { i in (0..<count).map { $0 == i ? 1.0 : 0 } }
        for pivot in 0..<count {
            let scale = left[pivot][pivot]
            for k in 0..<count { (left[pivot][k], right[pivot][k]) = (left[pivot][k] / scale, right[pivot][k] / scale) }
            for row in 0..<count where row != pivot {
                let factor = left[row][pivot]
                for k in 0..<count {
                    left[row][k] -= factor * left[pivot][k]
                    right[row][k] -= factor * right[pivot][k]
                }
            }
        }
        return right
    }

    @Test func whatComesLaterFollowsAndWhatComesTogetherDoesNot() throws {
        var builder = HistoryBuilder()
        for user in 0..<5 {
            builder.add(try SmallShop.event("u\(user)", "a", day: 1))
            builder.add(try SmallShop.event("u\(user)", "b", day: 2))
            builder.add(try SmallShop.event("u\(user)", "twin of b", day: 2))
            builder.add(try SmallShop.event("u\(user)", "c", day: 3))
        }
        let history = builder.build()
        let matrix = ItemSequences.build(history).matrix
        func value(_ from: String, _ to: String) throws -> Float {
            let row = try #require(history.items.row(of: from))
            let column = try #require(history.items.row(of: to))
            return matrix.range(of: row).first { Int(matrix.indices[$0]) == column }.map { matrix.values[$0] } ?? 0
        }
        #expect(try value("a", "b") > value("a", "c"))
        #expect(try value("a", "c") > 0)
        #expect(try value("b", "a") == 0)
        #expect(try value("b", "twin of b") == 0 && value("twin of b", "b") == 0)
    }

    @Test func withoutTimesNothingFollows() throws {
        var builder = HistoryBuilder()
        for item in ["a", "b"] { builder.add(try SmallShop.event("u", item, day: 1)) }
        #expect(ItemSequences.build(builder.build()).matrix.entryCount == 0)
    }
}
