// A matrix as text that Spark reads: parts of lines `user,item,confidence`, rows and columns as numbers.
import Foundation
import RecCore

/// Writes the pairs of a matrix. Names of users and items stay here: the files hold numbers alone.
struct SparkExport {
    let folder: String
    /// Pairs of a part, about: as many as a task of Spark reads in a second or so.
    static let pairsOfPart = 1 << 19

    /// - Returns: the number of parts.
    /// - Complexity: O(pairs) time; memory of one buffer.
    func write(_ matrix: InteractionMatrix) throws(FileError) -> Int {
        var part = 0
        var row = 0
        while row < matrix.rows {
            let writer = try FileWriter(replacing: folder + "/part-\(String(100_000 + part).dropFirst()).csv")
            let end = Int(matrix.offsets[row]) + Self.pairsOfPart
            while row < matrix.rows, Int(matrix.offsets[row]) < end {
                try writer.append { bytes in
                    for entry in matrix.range(of: row) {
                        bytes.appendDecimal(UInt64(row))
                        bytes.append(0x2c)
                        bytes.appendDecimal(UInt64(matrix.indices[entry]))
                        bytes.append(0x2c)
                        bytes.append(contentsOf: matrix.values[entry].description.utf8)
                        bytes.append(0x0a)
                    }
                }
                row += 1
            }
            try writer.commit()
            part += 1
        }
        return part
    }
}
