// Times and weights as they stand in files.
import RecCore
import Testing

@testable import RecFiles

@Suite struct FieldValuesTests {
    @Test(
        arguments: [
            ("1970-01-02", 86_400_000), ("2020-02-29", 1_582_934_400_000),
            ("2020-09-22T10:11:12Z", 1_600_769_472_000), ("2020-09-22 10:11:12", 1_600_769_472_000),
            ("2020-09-22T10:11:12.5Z", 1_600_769_472_500), ("2020-09-22T10:11:12.123456789z", 1_600_769_472_123),
            ("2020-09-22T12:11:12+02:00", 1_600_769_472_000), ("2020-09-22T08:11:12-0200", 1_600_769_472_000),
            ("2020-09-22T12:11:12+02", 1_600_769_472_000), ("2020-09-22 10:11", 1_600_769_460_000),
            ("881250949", 881_250_949_000), ("1600769472", 1_600_769_472_000), ("1600769472123", 1_600_769_472_123),
            ("1600769472.25", 1_600_769_472_250), ("-1", -1000), ("0", 0), ("0001-01-01", -62_135_596_800_000),
        ] as [(String, Int64)])
    func timesAreRead(text: String, milliseconds: Int64) {
        #expect(Timestamp(field: Array(text.utf8)[...])?.milliseconds == milliseconds)
    }

    @Test(arguments: [
        "", "2019-02-30", "2019-13-01", "2019-00-10", "2100-02-29", "0000-01-01", "2020-9-2", "22-09-2020",
        "2020-09-22T",
        "2020-09-22T24:00:00", "2020-09-22T10:60:00", "2020-09-22T10:11:61", "2020-09-22T10:11:12.", "2020-09-22x",
        "2020-09-22T10:11:12+2", "2020-09-22T10:11:12+24:00", "2020-09-22T10:11:12Zz", "NaN", "1e9", "-", "12 ",
        "9999999999999999", "99999999999999999999999999", "+5", "yesterday", "2020-09-2\u{e9}",
    ])
    func whatIsNoTimeIsRefused(text: String) {
        #expect(Timestamp(field: Array(text.utf8)[...]) == nil)
    }

    @Test func sliceInsideABufferIsReadLikeAnyOther() {
        let bytes = Array("xx2020-09-22yy".utf8)
        #expect(Timestamp(field: bytes[2..<12])?.dayText == "2020-09-22")
    }

    @Test(
        arguments: [("1", 1), ("0012", 12), ("2.5", 2.5), ("1e3", 1000), ("-3", -3), ("0", 0), (".5", 0.5)]
            as [(String, Float)])
    func weightsAreRead(text: String, value: Float) {
        #expect(weight(field: Array(text.utf8)[...]) == value)
    }

    @Test func weightsBeyondReasonAreNoNumbersOrInfinite() {
        for text in ["NaN", "nan", "inf", "0x10", "1,5", "12a", "1e", "--1"] {
            #expect(weight(field: Array(text.utf8)[...]) == nil, "\(text)")
        }
        #expect(weight(field: Array("1e999".utf8)[...])?.isFinite != true)
    }
}
