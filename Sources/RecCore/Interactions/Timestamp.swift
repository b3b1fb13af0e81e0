// A point in time, as the engine counts it.

/// Milliseconds since 1970-01-01T00:00:00Z. The engine never asks a clock: time comes in as a value.
public struct Timestamp: Hashable, Sendable, Comparable {
    /// Below 0 before 1970.
    public let milliseconds: Int64
    /// Any number; an ``Interaction`` allows the years 1 to 9999.
    public init(milliseconds: Int64) { self.milliseconds = milliseconds }
    public static func < (a: Timestamp, b: Timestamp) -> Bool { a.milliseconds < b.milliseconds }

    /// Whether it lies in the years 1 to 9999: what comes from outside and does not is refused, so that no arithmetic overflows.
    package var isInCalendar: Bool { (-62_135_596_800_000...253_402_300_799_999).contains(milliseconds) }

    /// A day has this many, leap seconds left out.
    public static let millisecondsPerDay: Int64 = 86_400_000

    /// Days since 1970-01-01, with a fraction.
    public var days: Double { Double(milliseconds) / Double(Self.millisecondsPerDay) }

    /// This point moved by a number of days (negative = earlier), at most to the ends of what 64 bits hold; not at all by a number
    /// that is none.
    public func advanced(byDays days: Double) -> Timestamp {
        let moved = (days * Double(Self.millisecondsPerDay)).rounded()
        guard !moved.isNaN else { return self }
        guard let step = Int64(exactly: moved) else { return Timestamp(milliseconds: moved < 0 ? .min : .max) }
        let (sum, overflows) = milliseconds.addingReportingOverflow(step)
        return Timestamp(milliseconds: overflows ? (step < 0 ? .min : .max) : sum)
    }

    /// Midnight (UTC) of a day of the proleptic Gregorian calendar; `nil` for a day that does not exist (30 February).
    public init?(year: Int, month: Int, day: Int) {
        guard (1...9999).contains(year), (1...12).contains(month) else { return nil }
        let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
        let lengths = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
        guard day >= 1, day <= lengths[month - 1] else { return nil }
        // Days from civil date: H. Hinnant, "chrono-Compatible Low-Level Date Algorithms".
        let y = month <= 2 ? year - 1 : year
        let era = y / 400
        let yearOfEra = y - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        milliseconds = Int64(era * 146_097 + dayOfEra - 719_468) * Self.millisecondsPerDay
    }

    /// The day as `2020-09-22` (UTC).
    public var dayText: String {
        var days = milliseconds / Self.millisecondsPerDay
        if milliseconds % Self.millisecondsPerDay < 0 { days -= 1 }
        let z = days + 719_468
        let era = (z >= 0 ? z : z - 146_096) / 146_097
        let dayOfEra = z - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let mp = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * mp + 2) / 5 + 1
        let month = mp < 10 ? mp + 3 : mp - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        func padded(_ value: Int64, _ width: Int) -> String {
            let text = String(value)
            return String(repeating: "0", count: max(0, width - text.count)) + text
        }
        return "\(padded(year, 4))-\(padded(month, 2))-\(padded(day, 2))"
    }
}
