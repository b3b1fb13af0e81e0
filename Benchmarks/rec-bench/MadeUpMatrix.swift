// The matrix that factorisations are measured on: popularity by a power law, taste in groups, the same for the same seed.
import Foundation
import RecCore

/// Users x items. Item j has a share in proportion to (j + 20)^-0.8; half of a user's items are of the user's own group.
enum MadeUpMatrix {
    static let groups = 50

    static func make(users: Int, items: Int, pairs: Int, seed: UInt64 = 1) -> InteractionMatrix {
        var generator = SplitMix64(seed: seed)
        // Inverse of the cumulated shares, by table.
        var cumulated: [Double] = []
        var sum = 0.0
        for item in 0..<items {
            sum += 1 / power(Double(item + 20), 0.8)
            cumulated.append(sum)
        }
        let table = (0..<65_536).map { place -> Int32 in
            let wanted = (Double(place) + 0.5) / 65_536 * sum
            var (low, high) = (0, items - 1)
            while low < high {
                let middle = (low + high) / 2
                if cumulated[middle] < wanted { low = middle + 1 } else { high = middle }
            }
            return Int32(low)
        }
        let mean = Double(pairs) / Double(users)
        var offsets: [Int64] = [0]
        var indices: [Int32] = []
        var values: [Float] = []
        offsets.reserveCapacity(users + 1)
        indices.reserveCapacity(pairs + pairs / 10)
        var own: [Int32] = []
        for user in 0..<users {
            own.removeAll(keepingCapacity: true)
            // Exponential lengths, as those of shops; the draws that repeat an item are made up for.
            let uniform = Double(generator.next() >> 11) / 9_007_199_254_740_992
            let length = min(items / 4, max(1, Int(-1.12 * mean * logarithm(1 - uniform) + 0.5)))
            for _ in 0..<length {
                let draw = generator.next()
                var item = table[Int(draw & 0xffff)]
                if draw >> 63 == 1 {
                    let group = Int32(user % groups)
                    item = min(Int32(items - 1), item / Int32(groups) * Int32(groups) + group)
                }
                // Neighbours in the table are not all the same item.
                item = min(Int32(items - 1), item + Int32(draw >> 20 & 0x3) * Int32(groups))
                own.append(item)
            }
            own.sort()
            var last: Int32 = -1
            for item in own where item != last {
                indices.append(item)
                values.append([1, 1, 1, 1.7, 2.1][Int(item) % 5])
                last = item
            }
            offsets.append(Int64(indices.count))
        }
        return InteractionMatrix(
            rows: users, columns: items, offsets: Column(offsets), indices: Column(indices), values: Column(values))
    }

    private static func power(_ x: Double, _ y: Double) -> Double { Foundation.pow(x, y) }
    private static func logarithm(_ x: Double) -> Double { Foundation.log(x) }

    /// indptr, indices and data of scipy's csr_matrix in three files.
    static func write(_ matrix: InteractionMatrix, to folder: String) throws {
        try NumpyWriter.write(Array(matrix.offsets), type: "<i8", shape: [matrix.rows + 1], to: folder + "/indptr.npy")
        try NumpyWriter.write(
            Array(matrix.indices), type: "<i4", shape: [matrix.entryCount], to: folder + "/indices.npy")
        try NumpyWriter.write(Array(matrix.values), type: "<f4", shape: [matrix.entryCount], to: folder + "/data.npy")
    }
}
