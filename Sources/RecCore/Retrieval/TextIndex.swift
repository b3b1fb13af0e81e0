// Full-text search over the catalogue: which items have a word, and how much it says of them.

/// Finds items by the words of their texts, best first by BM25.
///
/// Made once for a catalogue; searching shares nothing and may be done by many at a time.
///
///     let index = TextIndex.build(count: names.count) { row in
///         [(names[row], Float(3)), (descriptions[row], Float(1))]
///     }
///     let found = index.search("black ski", limit: 20)  // black skirts, black ski jackets
///
/// A word t on n_t of N items gives an item the score
///
///     ln(1 + (N - n_t + 1/2) / (n_t + 1/2)) * tf (k1 + 1) / (tf + k1 (1 - b + b length / mean length))
///
/// with k1 = 1.2 and b = 0.75, where tf counts the word, and length all words, each times the weight of its field. What
/// a word is, and which words are taken as one, `TextWords` says.
///
/// Memory: 5 bytes for each distinct word of an item, and about 60 for each word of the catalogue.
///
/// Source: Robertson and Zaragoza, The Probabilistic Relevance Framework: BM25 and Beyond, Foundations and Trends in
/// Information Retrieval 3(4), 2009, doi:10.1561/1500000019; weights of fields after Robertson, Zaragoza and Taylor,
/// Simple BM25 Extension to Multiple Weighted Fields, CIKM 2004.
public struct TextIndex: Sendable {
    static let k1: Float = 1.2
    static let b: Float = 0.75
    /// Counts are kept in steps of 1 / 8, and none above 255 / 8: a word that often says no more.
    static let steps: Float = 8

    /// Items, with and without words.
    public let count: Int
    /// Words that have a stem in common are one term. Numbers of terms, by stem.
    let terms: NameTable
    /// Where the items of a term begin; terms + 1.
    let offsets: Column<Int32>
    /// Items of each term, ascending.
    let rows: Column<Int32>
    /// How often the item has it, by weight, in steps.
    let counts: Column<UInt8>
    /// k1 (1 - b + b length / mean length) of each item, in steps.
    let norms: Column<Float>
    /// All words, ascending, and the term of each.
    let words: [String]
    let wordTerms: [Int32]
    /// The shortest word of each term, by place in `words`.
    let shownWords: [Int32]

    /// - Parameters:
    ///   - count: of items; their rows are 0..<count.
    ///   - fields: the texts of an item, and what a word in each of them counts: in a name more than in a description.
    ///     Give the article number the largest weight, so that nothing that mentions it comes before the article.
    ///     Weights are read in steps of 1 / 8, one at least; a text without a weight above zero is left out.
    /// - Complexity: O(total text + words * log words).
    public static func build(count: Int, fields: (Int) -> [(text: String, weight: Float)]) -> TextIndex {
        var texts = TextCounts()
        for row in 0..<count { texts.add(fields(row)) }
        return TextIndex(count: count, texts)
    }

    private init(count: Int, _ texts: consuming TextCounts) {
        self.count = count
        terms = texts.terms
        (offsets, rows, counts) = texts.postings()

        let total = texts.lengths.reduce(0.0) { $0 + Double($1) }
        let mean = Float(total / Double(max(1, texts.lengths.count { $0 > 0 })))
        norms = Column(
            texts.lengths.map { length in
                Self.steps * Self.k1 * (1 - Self.b + Self.b * (mean > 0 ? length / mean : 1))
            })

        let names = texts.words.names
        let order = names.indices.sorted { names[$0] < names[$1] }
        let words = order.map { names[$0] }
        let wordTerms = order.map { texts.termOfWord[$0] }
        var shown = [Int32](repeating: -1, count: terms.count)
        for (place, term) in wordTerms.enumerated() {
            let known = Int(shown[Int(term)])
            if known < 0 || words[place].utf8.count < words[known].utf8.count { shown[Int(term)] = Int32(place) }
        }
        (self.words, self.wordTerms, shownWords) = (words, wordTerms, shown)
    }

    /// The places of a term's items in `rows`.
    func range(of term: Int32) -> Range<Int> { Int(offsets[Int(term)])..<Int(offsets[Int(term) + 1]) }
}

/// Texts as they are read: what each item says, item by item.
private struct TextCounts {
    var words = NameTable()
    var terms = NameTable()
    var termOfWord: [Int32] = []
    /// Of all words of each item, by weight.
    var lengths: [Float] = []
    private var ends: [Int32] = []
    private var entries: [Int32] = []
    private var counts: [UInt8] = []
    private var own: [(term: Int32, count: Int32)] = []

    mutating func add(_ fields: [(text: String, weight: Float)]) {
        own.removeAll(keepingCapacity: true)
        for field in fields where field.weight > 0 {
            let weight = Int32(max(1, min(255, (field.weight * TextIndex.steps).rounded())))
            TextWords.each(of: field.text, joiningLetters: true) { own.append((term(of: $0), weight)) }
        }
        lengths.append(Float(own.reduce(0) { $0 + Int($1.count) }) / TextIndex.steps)
        own.sort { $0.term < $1.term }
        var place = 0
        while place < own.count {
            let term = own[place].term
            var sum = 0
            while place < own.count, own[place].term == term {
                sum += Int(own[place].count)
                place += 1
            }
            entries.append(term)
            counts.append(UInt8(min(255, sum)))
        }
        ends.append(Int32(entries.count))
    }

    private mutating func term(of word: String) -> Int32 {
        let number = words.number(of: word)
        if number == termOfWord.count { termOfWord.append(Int32(terms.number(of: TextWords.stem(word)))) }
        return termOfWord[number]
    }

    /// The same by terms.
    func postings() -> (offsets: Column<Int32>, rows: Column<Int32>, counts: Column<UInt8>) {
        var starts = [Int32](repeating: 0, count: terms.count + 1)
        for term in entries { starts[Int(term) + 1] += 1 }
        for term in 0..<terms.count { starts[term + 1] += starts[term] }
        let (rows, shares) = (ColumnBuffer<Int32>(entries.count), ColumnBuffer<UInt8>(entries.count))
        var next = starts
        var entry = 0
        for (row, end) in ends.enumerated() {
            while entry < end {
                let place = Int(next[Int(entries[entry])])
                next[Int(entries[entry])] += 1
                rows.base[place] = Int32(row)
                shares.base[place] = counts[entry]
                entry += 1
            }
        }
        return (Column(starts), rows.column, shares.column)
    }
}
