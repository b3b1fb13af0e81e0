// Times and percent-encoding.
import Hummingbird
import Testing

@testable import RecCore
@testable import RecServe

@Suite struct WireTests {
    @Test(arguments: [
        ("1970-01-01T00:00:00Z", 0), ("1969-12-31T23:59:59.999Z", -1), ("2026-03-01T12:00:00Z", 1_772_366_400_000),
        ("2026-03-01T12:00:00.5Z", 1_772_366_400_500), ("2026-03-01t12:00:00.123456789z", 1_772_366_400_123),
        ("2026-03-01 13:30:00+01:30", 1_772_366_400_000), ("2026-02-28T22:00:00-14:00", 1_772_366_400_000),
        ("0001-01-01T00:00:00Z", -62_135_596_800_000),
    ])
    func timesAreReadToTheMillisecond(text: String, milliseconds: Int64) {
        #expect(Timestamp(iso8601: text)?.milliseconds == milliseconds)
    }

    @Test(arguments: [
        "", "2026", "2026-03-01", "2026-03-01T12:00:00", "2026-03-01T12:00Z", "2026-02-30T00:00:00Z",
        "2026-13-01T00:00:00Z", "2026-03-01T24:00:00Z", "2026-03-01T12:60:00Z", "2026-03-01T12:00:60Z",
        "2026-03-01T12:00:00.Z", "2026-03-01T12:00:00.1234567890Z", "2026-03-01T12:00:00+0100",
        "2026-03-01T12:00:00+25:00", "2026-03-01T12:00:00ZZ", " 2026-03-01T12:00:00Z", "-026-03-01T12:00:00Z",
        "２０２６-03-01T12:00:00Z",
    ])
    func whatIsNotATimeIsNoTime(text: String) {
        #expect(Timestamp(iso8601: text) == nil)
    }

    @Test func plusIsASpaceInQueriesOnly() {
        #expect(percentDecoded("a+b%2B", plusIsSpace: true) == "a b+")
        #expect(percentDecoded("a+b%2B", plusIsSpace: false) == "a+b+")
    }

    @Test func listsOfIdsAreSplitBeforeTheyAreDecoded() throws {
        let query = try QueryParameters("items=a%2Cb,c", allowed: ["items"])

        #expect(try query.list("items", limit: 2) == ["a,b", "c"])
        #expect(throws: Problem.self) { try query.list("items", limit: 1) }
        #expect(throws: Problem.self) { try QueryParameters("items=a,,b", allowed: ["items"]).list("items", limit: 9) }
    }

    @Test(arguments: [
        "{}", " {\"a\" : [ ] , \"b\":{}}\r\n\t", "{\"a\":[1,-0,0.5,1e2,1E+2,1.5e-3,true,false,null,\"\"]}",
        #"{"a":"\"\\\/\b\f\n\r\t\u00e9\ud83d\ude00é😀"}"#, "{\"a\":1e-999}",
        String(repeating: "{\"a\":", count: 15) + "[]" + String(repeating: "}", count: 15),
    ])
    func everyFormOfJSONPasses(text: String) throws {
        try JSONSyntax.check(Array(text.utf8))
    }

    @Test func aSyntaxErrorNamesLineAndColumn() {
        let error = #expect(throws: JSONSyntaxError.self) { try JSONSyntax.check(Array("{\n  \"a\": 1,\n}".utf8)) }

        #expect(error == JSONSyntaxError(reason: "\" is expected", line: 3, column: 1))
        #expect(error?.description == "\" is expected at line 3, column 1")
    }

    @Test func theAnswerWrittenByHandIsThatOfTheEncoder() throws {
        let texts = ["plain", "with \"quotes\"", "back\\slash", "line\nend\ttab\u{1}\u{7F}", "🧦 é", "", "a/b"]
        let numbers = [0, 1, -1, 0.1, 1e-7, -2.5e-300, 1e15, 123_456_789.125, 1 / 3, .nan, .infinity]
        for (turn, text) in texts.enumerated() {
            for explains in [false, true] {
                let items = numbers.enumerated().map { place, number in
                    RecommendedItem(
                        item: ItemID(text), score: number, rank: place + 1, logPropensity: -Double(place) / 3,
                        reason: text,
                        explanation: explains
                            ? ItemExplanation(
                                channels: [text: 0.5], past: [.init(item: ItemID(text), value: 2)], withoutPast: 0)
                            : nil)
                }
                let slate = Recommendations(
                    id: text, modelVersion: try #require(ModelVersion("v1")), mode: .recency, policy: "greedy",
                    seed: turn % 3 == 0 ? nil : .max, variant: turn % 2 == 0 ? nil : text,
                    items: turn == 3 ? [] : items, isFallback: turn % 2 == 0,
                    unknownItems: turn == 2 ? [] : [ItemID(text), ItemID("x")],
                    window: turn == 0 ? nil : WindowState(events: turn, newest: turn == 1 ? nil : TestShop.noon),
                    degraded: turn == 4 ? [] : [text])
                let wire = RecommendationsWire(slate, now: Timestamp(milliseconds: TestShop.noon.milliseconds + 5))
                #expect(String(buffer: wire.text) == String(decoding: Response.encoded(wire), as: UTF8.self))
            }
        }
    }
}
