// Words that find items: whole, begun, misspelt, with marks; scores against a slow twin.
import Testing

@testable import RecCore

@Suite struct TextIndexTests {
    /// Name with weight 3, description with weight 1.
    private func index(_ items: [(name: String, description: String)]) -> TextIndex {
        TextIndex.build(count: items.count) {
            [(items[$0].name, Float(3)), (items[$0].description, Float(1))]
        }
    }

    private func found(_ names: [String], _ query: String) -> [Int] {
        index(names.map { ($0, "") }).search(query, limit: 100).rows.map(\.row)
    }

    @Test func scoresEqualTheSlowTwin() {
        var generator = SplitMix64(seed: 11)
        let words = (0..<30).map { "word\(Character(Unicode.Scalar(UInt8(97 + $0 % 26))))\($0 / 26)" }
        func text(_ count: Int) -> String {
            (0..<count).map { _ in
                words[min(Int.random(in: 0..<30, using: &generator), Int.random(in: 0..<30, using: &generator))]
            }
            .joined(separator: " ")
        }
        let items = (0..<60).map { _ in (name: text(2), description: text(Int.random(in: 0...8, using: &generator))) }
        let index = index(items)

        for query in ["worda0", "wordc0 worda0", "wordb0 wordd0 worde0"] {
            let found = index.search(query, limit: 60)
            let expected = Self.twin(items, query.split(separator: " ").map(String.init))

            #expect(found.total == expected.count && found.rows.map(\.row) == expected.map(\.row))
            // 1e-4: Float32 sums of three numbers below 20.
            #expect(zip(found.rows, expected).allSatisfy { abs($0.score - $1.score) < 1e-4 })
        }
    }

    /// BM25 by its formula over all items that have all words.
    private static func twin(_ items: [(name: String, description: String)], _ query: [String]) -> [ScoredRow] {
        let texts = items.map { item in
            item.name.split(separator: " ").map { (String($0), 3.0) }
                + item.description.split(separator: " ").map { (String($0), 1.0) }
        }
        let lengths = texts.map { $0.reduce(0) { $0 + $1.1 } }
        let mean = lengths.reduce(0, +) / Double(lengths.count)
        return texts.indices.filter { row in query.allSatisfy { word in texts[row].contains { $0.0 == word } } }
            .map { row in
                let score = query.reduce(0.0) { sum, word in
                    let having = Double(texts.count { $0.contains { $0.0 == word } })
                    let tf = texts[row].reduce(0) { $0 + ($1.0 == word ? $1.1 : 0) }
                    let rarity = logOf(1 + (Double(texts.count) - having + 0.5) / (having + 0.5))
                    return sum + rarity * tf * 2.2 / (tf + 1.2 * (0.25 + 0.75 * lengths[row] / mean))
                }
                return ScoredRow(row: row, score: Float(score))
            }.sorted(by: ScoredRow.isBefore)
    }

    @Test func aWordInTheNameCountsMoreThanInTheDescription() {
        let index = index([("Top", "worn with a skirt"), ("Skirt", "worn with a top"), ("Belt", "leather")])

        #expect(index.search("skirt", limit: 9).rows.map(\.row) == [1, 0])
    }

    @Test func equalScoresComeByRow() {
        #expect(found(["red hat", "red hat", "blue hat", "red hat"], "red") == [0, 1, 3])
    }

    @Test func caseAndMarksDoNotMatter() {
        #expect(found(["Crêpe ÉTÉ", "Café", "hat"], "crepe ete") == [0])
        #expect(found(["Crêpe ÉTÉ", "Cafe\u{301}", "hat"], "CAFÉ") == [1])
        #expect(found(["Größe", "Smörgås", "Nguyễn", "Łódź", "çay"], "grosse") == [0])
        #expect(found(["Größe", "Smörgås", "Nguyễn", "Łódź", "çay"], "nguyen") == [2])
        #expect(found(["Größe", "Smörgås", "Nguyễn", "Łódź", "çay"], "lodz") == [3])
        #expect(found(["ЮБКА", "шляпа"], "юбка") == [0])
    }

    @Test func pluralAndSingularFindEachOther() {
        let pairs = [
            ("skirt", "skirts"), ("dress", "dresses"), ("hoodie", "hoodies"), ("accessory", "accessories"),
            ("box", "boxes"),
            ("watch", "watches"), ("shoe", "shoes"), ("blouse", "blouses"), ("brush", "brushes"), ("bikini", "bikinis"),
            ("tie", "ties"),
        ]
        for (one, many) in pairs {
            #expect(TextWords.stem(one) == TextWords.stem(many))
            #expect(found(["hat", one, many], many).sorted() == [1, 2])
        }
        #expect(TextWords.stem("dress") == "dress" && TextWords.stem("bus") == "bus")
    }

    @Test func apostrophesAndHyphensDoNotHideWords() {
        #expect(found(["Men's t-shirt", "Women’s shirt"], "mens") == [0])
        #expect(found(["Men's t-shirt", "Women’s shirt"], "women's") == [1])
        for query in ["tshirt", "t-shirt", "T shirt"] {
            #expect(found(["Men's t-shirt", "Women’s shirt"], query) == [0])
        }
    }

    @Test func theLastWordIsABeginningAndWholeWordsComeFirst() {
        let names = [
            "ski skirt skirt skirt skinny", "skirt", "warm jacket to ski in the mountains of the north", "hat",
            "Skinny jeans",
        ]

        #expect(Set(found(names, "ski").prefix(2)) == [0, 2])
        #expect(Set(found(names, "ski").dropFirst(2)) == [1, 4])
        #expect(Set(found(names, "skir")) == [0, 1])
        // "warm" stands before the last word: it is no beginning of "warmer".
        #expect(found(["warmer skirt", "warm skirt"], "warm sk") == [1])
    }

    @Test func oneEditIsForgivenWhereNoItemHasTheWord() {
        let names = ["Skirt", "Jacket", "Skin"]
        for query in ["skrit", "skrt", "skirrt", "skert"] { #expect(found(names, query) == [0]) }
        #expect(found(names, "kirt") == [])
        #expect(found(names, "skrrrt") == [])
        #expect(index(names.map { ($0, "") }).search("jakcet", limit: 1).terms == ["jacket"])
        #expect(found(["Skort", "Skirt"], "skirt") == [1])
    }

    @Test func anArticleNumberFindsItsItemFirst() {
        let items = [("0108775", "see 108775015"), ("108775015", "top"), ("1087750151", "top"), ("108775044", "top")]
        let index = TextIndex.build(count: items.count) {
            [(items[$0].0, Float(8)), (items[$0].1, Float(1))]
        }

        #expect(index.search("0108775015", limit: 9).rows.map(\.row) == [1, 0, 2])
        #expect(index.search("108775015", limit: 9).rows.map(\.row) == [1, 0, 2])
        // No correction of numbers.
        #expect(index.search("108775016", limit: 9).rows == [])
    }

    @Test func allWordsMustMatchWhereAnItemHasThemAll() {
        let names = ["black skirt", "black hat", "red skirt", "black leather skirt"]

        #expect(Set(found(names, "black skirt")) == [0, 3])
        #expect(Set(found(names, "red leather skirt")) == [2, 3])
        #expect(Set(found(names, "xyzzy black skirt")) == [0, 3])
        #expect(found(names, "leather red") == [2, 3] || found(names, "leather red") == [3, 2])
    }

    @Test func onlyAdmittedItemsAreFoundAndCounted() {
        let index = index((0..<50).map { ("hat number\($0)", $0 == 7 ? "rare" : "") })

        let found = index.search("hat", limit: 3) { $0 % 2 == 1 }
        #expect(found.rows.map(\.row) == [1, 3, 5] && found.total == 25 && found.terms == ["hat"])
        // Of the items with both words none is admitted: then one word is enough.
        #expect(index.search("hat rare", limit: 3) { $0 != 7 }.total == 49)
        #expect(index.search("hat", limit: 0).rows == [] && index.search("hat", limit: 0).total == 50)
    }

    @Test func strangeQueriesAndEmptyCataloguesFindNothing() {
        let many = String(repeating: "hat ", count: 10_000)
        for query in ["", " ", "-'’", "\u{301}", "🎩", "\u{0}", String(repeating: "x", count: 5000)] {
            #expect(found(["hat", ""], query) == [])
            #expect(found([], query) == [])
        }
        #expect(found(["hat", ""], many) == [0])
        #expect(TextIndex.build(count: 2) { _ in [] }.search("hat", limit: 1).total == 0)
        #expect(
            TextIndex.build(count: 2) { _ in [0, -1, Float.nan].map { ("hat", $0) } }.search(
                "hat", limit: 1
            ).total == 0)
        #expect(
            TextIndex.build(count: 1) { _ in [("hat", Float.infinity), ("cap", Float(1e-9))] }.search(
                "cap", limit: 1
            ).total == 1)
    }

    @Test func aQueryIsReadToTwelveWords() {
        let names = (0..<14).map { "word\(Character(Unicode.Scalar(UInt8(97 + $0))))" }

        #expect(found(names, names.joined(separator: " ")) == Array(0..<12))
    }
}
