// What the README says is what the project does.
import Foundation
import RecCore
import Testing

@Suite struct ReadmeTests {
    private let root = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    private func text(_ path: String) throws -> String {
        try String(contentsOf: root.appendingPathComponent(path), encoding: .utf8)
    }

    /// Three drink tea and three coffee, a pot a day.
    private func drinkers() throws -> [Interaction] {
        var events: [Interaction] = []
        for day in 0..<10 {
            for (number, user) in ["anna", "ben", "carla", "dora", "emil", "frida"].enumerated() {
                let item = "\(number % 2 == 0 ? "tea" : "coffee")-\((day + number) % 4)"
                events.append(
                    try Interaction(
                        user: UserID(user), item: ItemID(item), kind: .purchase,
                        timestamp: Timestamp(milliseconds: Int64(20_000 + day) * Timestamp.millisecondsPerDay)))
            }
        }
        return events
    }
    private let now = Timestamp(milliseconds: 20_010 * Timestamp.millisecondsPerDay)

    @Test func researchExampleRunsAndIsOnItsPage() async throws {
        let (report, reasons) = try await researchListing(events: try drinkers(), attributes: [:], now: now)

        #expect(report.folds.count == 2)
        #expect(reasons.count == 5 && reasons.allSatisfy { !$0.past.isEmpty })
        let source = try text("Tests/DocumentationTests/ResearchListing.swift")
        let listing = try #require(
            source.components(separatedBy: "    // Listing begins\n").last?
                .components(separatedBy: "    // Listing ends").first
        ).components(separatedBy: "\n").map { $0.hasPrefix("    ") ? String($0.dropFirst(4)) : $0 }
            .joined(separator: "\n").trimmingCharacters(in: .whitespacesAndNewlines)
        #expect(try text("Docs/Evaluation.md").contains(listing), "Docs/Evaluation.md does not hold the listing")
    }

    @Test func libraryExampleRuns() async throws {
        let folder = FileManager.default.temporaryDirectory.path + "/readme-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: folder) }

        let answer = try await readmeListing(folder: folder, events: try drinkers(), now: now)

        #expect(answer.items.count == 5)
        #expect(answer.items.prefix(4).allSatisfy { $0.item.rawValue.hasPrefix("tea-") })
    }

    @Test func readmeShowsTheListingThatRuns() throws {
        let source = try text("Tests/DocumentationTests/ReadmeListing.swift")
        let body = try #require(source.components(separatedBy: "    // README begins\n").last)
        let listing = try #require(body.components(separatedBy: "    // README ends").first)
            .components(separatedBy: "\n").map { $0.hasPrefix("    ") ? String($0.dropFirst(4)) : $0 }
            .joined(separator: "\n").trimmingCharacters(in: .whitespacesAndNewlines)
        #expect(!listing.isEmpty)
        #expect(try text("README.md").contains(listing), "README.md does not hold the listing of ReadmeListing.swift")
    }

    @Test func readmeIsShort() throws {
        #expect(try text("README.md").split(separator: "\n", omittingEmptySubsequences: false).count < 150)
    }

    @Test func everyLinkLeadsToAFile() throws {
        let docs = try FileManager.default.contentsOfDirectory(atPath: root.appendingPathComponent("Docs").path)
            .filter { $0.hasSuffix(".md") }.map { "Docs/" + $0 }
        #expect(docs.count >= 7)
        let pages = ["README.md", "CONTRIBUTING.md", "Benchmarks/README.md", "Examples/Bookshop/README.md"] + docs
        for page in pages {
            let folder = root.appendingPathComponent(page).deletingLastPathComponent()
            for link in try text(page).matches(of: /\]\(([^)#\s]+)/).map({ String($0.1) }) where !link.contains("://") {
                let file = folder.appendingPathComponent(link).path
                #expect(FileManager.default.fileExists(atPath: file), "\(page) links to \(link)")
            }
        }
    }

    @Test func everyFolderOfTheMapIsThere() throws {
        let rows = try text("README.md").matches(of: /\| `((?:Sources|Tests|Examples|Benchmarks|Docs)[^`*]*)` \|/).map {
            String($0.1)
        }
        #expect(rows.count >= 8)
        for folder in rows {
            #expect(FileManager.default.fileExists(atPath: root.appendingPathComponent(folder).path), "\(folder)")
        }
    }
}
