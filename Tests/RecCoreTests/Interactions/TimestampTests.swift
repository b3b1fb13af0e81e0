// Moving a point in time.
import RecCore
import Testing

@Suite struct TimestampTests {
    @Test func daysMoveAPointAndEndsHoldIt() {
        let start = Timestamp(milliseconds: 1_600_000_000_000)
        #expect(start.advanced(byDays: -1.5).milliseconds == 1_600_000_000_000 - 129_600_000)
        #expect(start.advanced(byDays: 1e300).milliseconds == .max)
        #expect(start.advanced(byDays: -.infinity).milliseconds == .min)
        #expect(start.advanced(byDays: .nan) == start)
        #expect(Timestamp(milliseconds: .max).advanced(byDays: 1).milliseconds == .max)
    }
}
