// Every Swift block of the articles and tutorials is a listing that the tests run, and their links lead somewhere.
import Foundation
import Testing

@Suite struct ArticleTests {
    private let catalogues: [ArticleCatalogue]
    private let listings: [SwiftPiece]

    init() throws {
        let tests = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        let root = tests.deletingLastPathComponent().deletingLastPathComponent()
        catalogues = try ArticleCatalogue.all(below: root.appendingPathComponent("Sources"))
        listings = try filesBelow(tests.appendingPathComponent("Listings"))
            .filter { $0.pathExtension == "swift" }
            .flatMap { try markedListings(in: String(contentsOf: $0, encoding: .utf8), of: $0.lastPathComponent) }
        try #require(catalogues.contains { $0.folder.lastPathComponent == "RecCore.docc" })
        try #require(!listings.isEmpty)
    }

    @Test func everySwiftBlockIsAListingThatRuns() throws {
        let known = Set(listings.map(\.text))
        for piece in try catalogues.flatMap({ try $0.shownSwift() }) {
            #expect(known.contains(piece.text), "\(piece.place) is no listing of Tests/DocumentationTests/Listings")
        }
    }

    @Test func everyListingIsOnAPage() throws {
        let shown = Set(try catalogues.flatMap { try $0.shownSwift() }.map(\.text))
        for listing in listings {
            #expect(shown.contains(listing.text), "\(listing.place) is on no page of a catalogue")
        }
    }

    @Test func everyLinkLeadsToAPageOfItsCatalogue() {
        for catalogue in catalogues {
            for link in catalogue.links {
                #expect(catalogue.names.contains(link.name), "\(link.page) leads to \(link.name), which is not there")
            }
        }
    }

    @Test func everyArticleStandsOnAnotherPage() {
        for catalogue in catalogues {
            let linked = Set(catalogue.links.map(\.name))
            for page in catalogue.pages where page.path.hasSuffix(".md") && !page.text.hasPrefix("# ``") {
                let name = URL(fileURLWithPath: page.path).deletingPathExtension().lastPathComponent
                #expect(linked.contains(name), "no page of its catalogue leads to \(page.path)")
            }
        }
    }

    @Test func blocksAreFoundInsideListsAndNotInsideOtherBlocks() throws {
        let page = """
            - Do this:
              ```swift
              let a = 1

                  let b = 2
              ```
            ````
            text with ```swift in a line
            ````
            ```
            not Swift
            ```
            """

        let found = try fencedSwift(in: page.replacingOccurrences(of: "````", with: "```"), of: "page")

        #expect(found.map(\.text) == ["let a = 1\n\n    let b = 2"])
        #expect(found.first?.place == "page:2")
        #expect(throws: UnreadablePage.self) { try fencedSwift(in: "```swift\nlet a = 1\n", of: "page") }
    }

    @Test func listingsAreFoundByTheirMarks() throws {
        let file = """
            func f() {
                // Listing begins: one
                let a = 1
                // Listing ends
            }
            // Listing begins
            import Module
            // Listing ends
            """

        #expect(try markedListings(in: file, of: "file").map(\.text) == ["let a = 1", "import Module"])
        #expect(throws: UnreadablePage.self) { try markedListings(in: "// Listing begins: one", of: "file") }
        #expect(throws: UnreadablePage.self) { try markedListings(in: "// Listing ends", of: "file") }
        #expect(throws: UnreadablePage.self) {
            try markedListings(in: "// Listing begins\n// Listing begins\n// Listing ends", of: "file")
        }
    }
}
