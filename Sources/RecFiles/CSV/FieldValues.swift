// Points in time and numbers, as they stand in a field.
import RecCore

extension Timestamp {
    /// Reads a field: a day `2020-09-22`, a date-time `2020-09-22T10:11:12Z` (also with a space, a fraction, an offset, or
    /// without seconds; without an offset it is UTC), Unix seconds with or without a fraction, or Unix milliseconds.
    ///
    /// Whole numbers of 100,000,000,000 and more (in either direction) are milliseconds: as seconds they lie beyond the year 5000.
    /// `nil` for anything else, and for days and times that do not exist.
    public init?(field bytes: ArraySlice<UInt8>) {
        var cursor = FieldCursor(bytes)
        let isDay = bytes.count >= 10 && bytes[bytes.startIndex + 4] == 0x2d
        guard let milliseconds = isDay ? cursor.dateTime() : cursor.unixTime(), cursor.isAtEnd else { return nil }
        self.init(milliseconds: milliseconds)
    }
}

/// Reads a weight: a decimal number. `nil` when it is none; whether it is a possible weight is for ``Interaction`` to say.
func weight(field bytes: ArraySlice<UInt8>) -> Float? {
    if bytes.count <= 7, !bytes.isEmpty {
        var value = 0
        var isPlain = true
        for byte in bytes {
            guard (0x30...0x39).contains(byte) else {
                isPlain = false
                break
            }
            value = value * 10 + Int(byte - 0x30)
        }
        if isPlain { return Float(value) }
    }
    // Digits, sign, point and exponent only: no hexadecimal, no "nan", no "inf".
    let isNumeral = bytes.allSatisfy {
        (0x30...0x39).contains($0) || $0 == 0x2e || $0 == 0x2d || $0 == 0x2b || $0 == 0x65 || $0 == 0x45
    }
    guard isNumeral, bytes.count <= 64, let value = Double(String(decoding: bytes, as: UTF8.self)) else { return nil }
    return Float(value)
}

/// Walks over the bytes of a field.
private struct FieldCursor {
    private let bytes: ArraySlice<UInt8>
    private var index: Int

    init(_ bytes: ArraySlice<UInt8>) {
        self.bytes = bytes
        index = bytes.startIndex
    }

    var isAtEnd: Bool { index == bytes.endIndex }
    private var peek: UInt8? { index < bytes.endIndex ? bytes[index] : nil }

    private mutating func take(_ byte: UInt8) -> Bool {
        guard peek == byte else { return false }
        index += 1
        return true
    }

    private mutating func digits(_ count: Int) -> Int? {
        guard bytes.endIndex - index >= count else { return nil }
        var value = 0
        for _ in 0..<count {
            guard let byte = peek, (0x30...0x39).contains(byte) else { return nil }
            value = value * 10 + Int(byte - 0x30)
            index += 1
        }
        return value
    }

    /// Milliseconds of the digits behind a point; further digits are passed over.
    private mutating func fraction() -> Int64? {
        var value: Int64 = 0
        var count = 0
        while let byte = peek, (0x30...0x39).contains(byte) {
            if count < 3 { value = value * 10 + Int64(byte - 0x30) }
            count += 1
            index += 1
        }
        guard count > 0 else { return nil }
        for _ in min(count, 3)..<3 { value *= 10 }
        return value
    }

    mutating func dateTime() -> Int64? {
        guard let year = digits(4), take(0x2d), let month = digits(2), take(0x2d), let day = digits(2),
            let midnight = Timestamp(year: year, month: month, day: day)
        else { return nil }
        if isAtEnd { return midnight.milliseconds }
        guard take(0x54) || take(0x74) || take(0x20), let hour = digits(2), hour < 24, take(0x3a),
            let minute = digits(2), minute < 60
        else { return nil }
        var milliseconds = midnight.milliseconds + Int64(hour * 60 + minute) * 60_000
        if take(0x3a) {
            guard let second = digits(2), second <= 60 else { return nil }
            milliseconds += Int64(second) * 1000
            if take(0x2e) || take(0x2c) {
                guard let fraction = fraction() else { return nil }
                milliseconds += fraction
            }
        }
        if isAtEnd || take(0x5a) || take(0x7a) { return milliseconds }
        let sign: Int64
        if take(0x2b) { sign = 1 } else if take(0x2d) { sign = -1 } else { return nil }
        guard let offsetHour = digits(2), offsetHour < 24 else { return nil }
        var offsetMinute = 0
        if !isAtEnd {
            _ = take(0x3a)
            guard let minute = digits(2), minute < 60 else { return nil }
            offsetMinute = minute
        }
        return milliseconds - sign * Int64(offsetHour * 60 + offsetMinute) * 60_000
    }

    mutating func unixTime() -> Int64? {
        let isNegative = take(0x2d)
        var value: Int64 = 0
        var count = 0
        while let byte = peek, (0x30...0x39).contains(byte) {
            // 15 digits of milliseconds reach beyond the year 9999.
            guard count < 15 else { return nil }
            value = value * 10 + Int64(byte - 0x30)
            count += 1
            index += 1
        }
        guard count > 0 else { return nil }
        if take(0x2e) {
            guard value < 100_000_000_000, let fraction = fraction() else { return nil }
            value = value * 1000 + fraction
        } else if value < 100_000_000_000 {
            value *= 1000
        }
        return isNegative ? -value : value
    }
}
