// The page of an evaluation: well-formed, and safe with any name.
import Foundation
import RecCore
import RecFiles
import Testing

#if canImport(FoundationXML)
    import FoundationXML
#endif

@Suite struct EvaluationPageTests {
    private func report() async throws -> FoldedEvaluation {
        var builder = HistoryBuilder()
        for day in 0..<12 {
            for user in 0..<20 {
                builder.add(
                    try Interaction(
                        user: UserID("u\(user)"), item: ItemID("i\((user + day) % 7)"), kind: .purchase,
                        timestamp: Timestamp(milliseconds: Int64(18_000 + day) * Timestamp.millisecondsPerDay)))
            }
        }
        let options = TrainingOptions(als: try ALSConfiguration(dimension: 4, sweeps: 2), validationDays: 2)
        return try await TrainingData(builder: builder, attributes: [:]).evaluate(
            options, days: 2, folds: 2, created: Timestamp(milliseconds: 0)
        ).report
    }

    private final class Seen: NSObject, XMLParserDelegate {
        var elements: [String: Int] = [:]
        func parser(
            _ parser: XMLParser, didStartElement name: String, namespaceURI: String?, qualifiedName: String?,
            attributes: [String: String]
        ) { elements[name, default: 0] += 1 }
    }

    @Test func itIsWellFormedAndRunsNothing() async throws {
        let page = try await report().page(title: "a <script>alert('&')</script> \u{1}\"shop\"")
        let body = try #require(page.range(of: "<html").map { String(page[$0.lowerBound...]) })
        let seen = Seen()
        let parser = XMLParser(data: Data(body.utf8))
        parser.delegate = seen
        #expect(parser.parse())
        #expect(seen.elements["script"] == nil)
        #expect(seen.elements["polyline"] == 2)
        #expect((seen.elements["circle"] ?? 0) >= 18)
        #expect(!page.contains("http://") || page.components(separatedBy: "http://").count == 2)
    }

    @Test func theJSONHoldsEveryFigureWithItsInterval() async throws {
        struct Report: Decodable {
            struct Row: Decodable {
                struct Figure: Decodable {
                    let metric: String
                    let value: Double
                    let low: Double?
                    let high: Double?
                }
                let name: String
                let figures: [Figure]
            }
            struct Fold: Decodable { let users: Int }
            let rows: [Row]
            let folds: [Fold]
        }
        let report = try await report()
        let decoded = try JSONDecoder().decode(Report.self, from: Data(try report.json().utf8))
        #expect(decoded.folds.map(\.users) == report.folds.map(\.users))
        #expect(decoded.rows.map(\.name) == report.rows.map(\.name))
        let map = try #require(decoded.rows[0].figures.first { $0.metric == "MAP@12" })
        #expect(map.value == report.rows[0].metrics["MAP@12"])
        let (low, high) = (try #require(map.low), try #require(map.high))
        #expect(low <= map.value && map.value <= high)
    }

    @Test func theTableNamesEveryWindowAndSegment() async throws {
        let table = try await report().table
        for text in ["window 1", "window 2", "mean of 2 windows", "segment warm", "segment few: no users", "lead"] {
            #expect(table.contains(text), "\(text) is missing")
        }
        #expect(table.split(separator: "\n").allSatisfy { $0.count <= 122 })
    }
}
