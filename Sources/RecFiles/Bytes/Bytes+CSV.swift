// Texts and numbers as bytes of a CSV file.

extension [UInt8] {
    /// Adds a CSV field, in quotes where it must be.
    mutating func appendCSV(_ text: String) {
        guard text.utf8.contains(where: { $0 == 0x2c || $0 == 0x22 || $0 == 0x0a || $0 == 0x0d }) else {
            return append(contentsOf: text.utf8)
        }
        append(0x22)
        for byte in text.utf8 {
            if byte == 0x22 { append(0x22) }
            append(byte)
        }
        append(0x22)
    }

    /// Adds a number of at least `width` decimal digits.
    mutating func appendDecimal(_ value: UInt64, width: Int = 1) {
        var rest = value
        let start = count
        var digits = 0
        repeat {
            append(0x30 + UInt8(truncatingIfNeeded: rest % 10))
            rest /= 10
            digits += 1
        } while rest > 0 || digits < width
        self[start...].reverse()
    }
}
