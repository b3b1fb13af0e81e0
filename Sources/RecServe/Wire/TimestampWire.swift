// A moment in JSON: ISO 8601 text with an offset, or milliseconds since 1970.
import RecCore

/// `"2026-03-01T12:30:00Z"`, `"2026-03-01T13:30:00.250+01:00"` or `1772368200000`.
struct TimestampWire: Decodable {
    let timestamp: Timestamp

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let milliseconds = try? container.decode(Int64.self) {
            timestamp = Timestamp(milliseconds: milliseconds)
            return
        }
        guard let text = try? container.decode(String.self), let parsed = Timestamp(iso8601: text) else {
            throw Problem.invalid(
                "is neither a time such as 2026-03-01T12:30:00Z nor a whole number of milliseconds since 1970",
                pointer: JSONReading.pointer(decoder.codingPath))
        }
        timestamp = parsed
    }
}

extension Timestamp {
    /// `2026-03-01T12:30:00.250Z`.
    var iso8601: String {
        let day = Self.millisecondsPerDay
        let rest = ((milliseconds % day) + day) % day
        func padded(_ value: Int64, _ width: Int) -> String {
            let text = String(value)
            return String(repeating: "0", count: max(0, width - text.count)) + text
        }
        let time = [rest / 3_600_000, rest / 60_000 % 60, rest / 1000 % 60].map { padded($0, 2) }.joined(separator: ":")
        return "\(dayText)T\(time).\(padded(rest % 1000, 3))Z"
    }

    /// RFC 3339's profile of ISO 8601, to the millisecond; further digits are cut. `nil` for a moment that does not exist.
    init?(iso8601 text: String) {
        var rest = Array(text.utf8)[...]
        func number(_ digits: Int) -> Int? {
            guard rest.count >= digits else { return nil }
            var value = 0
            for byte in rest.prefix(digits) {
                guard (48...57).contains(byte) else { return nil }
                value = value * 10 + Int(byte - 48)
            }
            rest = rest.dropFirst(digits)
            return value
        }
        func take(_ allowed: String) -> Bool {
            guard let first = rest.first, allowed.utf8.contains(first) else { return false }
            rest = rest.dropFirst()
            return true
        }
        guard let year = number(4), take("-"), let month = number(2), take("-"), let day = number(2), take("Tt "),
            let hour = number(2), take(":"), let minute = number(2), take(":"), let second = number(2),
            hour < 24, minute < 60, second < 60, let midnight = Timestamp(year: year, month: month, day: day)
        else { return nil }
        var fraction = 0
        if take(".,") {
            let digits = rest.prefix { (48...57).contains($0) }
            guard (1...9).contains(digits.count) else { return nil }
            for place in 0..<3 {
                let byte = digits.dropFirst(place).first ?? 48
                fraction = fraction * 10 + Int(byte - 48)
            }
            rest = rest.dropFirst(digits.count)
        }
        var offset = 0
        if !take("Zz") {
            let isBehind = rest.first == UInt8(ascii: "-")
            guard take("+-"), let hours = number(2), take(":"), let minutes = number(2), hours < 24, minutes < 60 else {
                return nil
            }
            offset = (hours * 60 + minutes) * (isBehind ? -1 : 1)
        }
        guard rest.isEmpty else { return nil }
        let seconds = Int64((hour * 60 + minute - offset) * 60 + second)
        self.init(milliseconds: midnight.milliseconds + seconds * 1000 + Int64(fraction))
    }
}
