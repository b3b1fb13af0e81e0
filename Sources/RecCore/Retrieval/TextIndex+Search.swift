// A query against the index: which words it means, and the items that have them.

extension TextIndex {
    /// A query is read no further than this: characters, words.
    static let longestQuery = (characters: 200, words: 12)
    /// A beginning stands for this many terms at most, those on most items.
    static let widestPrefix = 200
    /// A misspelling stands for this many terms at most.
    static let widestCorrection = 8

    /// The items that have the words of a query, best first.
    ///
    /// - The last word also finds words that begin with it, as it may still be typed; items with the word itself come
    ///   before those with a longer one, whatever the scores.
    /// - A word that no item has stands for the words that begin with it, or, where there are none and it is of four
    ///   letters or more and no number, for those one edit away: one letter more, less or other, or two neighbours
    ///   exchanged, the first letter being right (outside ASCII, one byte of UTF-8).
    /// - Items have all words where an admitted item has; otherwise those are found that have the most words.
    ///
    /// Words that stand for one word of the query count as one: their counts are added, and n_t are the items with any
    /// of them.
    /// - Parameters:
    ///   - query: words as they are typed.
    ///   - limit: the most rows to return.
    ///   - admits: whether an item may be found.
    /// - Returns: rows, equal scores by row; how many items there are in all; and the words of the catalogue that were
    ///   looked for, in the order of the query, those on most items first. The text of an item that was found has one
    ///   of them or a plural.
    /// - Complexity: O(count + items of the words looked for), and O(words with the same first letter) for a
    ///   misspelling.
    public func search(
        _ query: String, limit: Int, admits: (Int) -> Bool = { _ in true }
    ) -> (rows: [ScoredRow], total: Int, terms: [String]) {
        let meanings = meanings(of: query)
        guard meanings.contains(where: { !$0.isEmpty }) else { return ([], 0, []) }
        var scores = QueryScores(count: count)
        for (number, meaning) in meanings.enumerated() {
            if let whole = meaning.whole { scores.add([whole], of: self, word: number) }
            scores.add(meaning.others, of: self, word: number, isBegun: meaning.whole != nil)
        }
        let (rows, total) = scores.best(limit, admits: admits)
        let looked = meanings.flatMap { ($0.whole.map { [$0] } ?? []) + $0.others }
        return (rows, total, looked.map { words[Int(shownWords[Int($0)])] })
    }

    /// What one word of a query may mean.
    private struct Meaning {
        /// The term of the word itself.
        var whole: Int32?
        /// Terms it is the beginning or a misspelling of.
        var others: [Int32] = []
        var isEmpty: Bool { whole == nil && others.isEmpty }
    }

    private func meanings(of query: String) -> [Meaning] {
        var asked: [String] = []
        TextWords.each(of: String(query.prefix(Self.longestQuery.characters)), joiningLetters: false) { word in
            if asked.count < Self.longestQuery.words { asked.append(word) }
        }
        var known: Set<String> = []
        // Backwards: of two equal words the last stays.
        let distinct = asked.reversed().filter { known.insert(TextWords.stem($0)).inserted }.reversed()
        return distinct.enumerated().map { number, word in
            var meaning = Meaning(whole: terms.find(TextWords.stem(word)).map(Int32.init))
            if meaning.whole == nil || number == distinct.count - 1 {
                meaning.others = mostCommon(
                    Self.widestPrefix, of: places(beginning: word), except: meaning.whole)
            }
            if meaning.isEmpty { meaning.others = corrections(of: word) }
            return meaning
        }
    }

    /// Places of the words with a beginning. - Complexity: O(log words).
    private func places(beginning prefix: String) -> Range<Int> {
        func first(from start: Int, where isBehind: (String) -> Bool) -> Int {
            var (low, high) = (start, words.count)
            while low < high {
                let middle = (low + high) / 2
                if isBehind(words[middle]) { high = middle } else { low = middle + 1 }
            }
            return low
        }
        let start = first(from: 0) { $0 >= prefix }
        return start..<first(from: start) { !$0.utf8.starts(with: prefix.utf8) }
    }

    /// The terms of some words, those on most items first, each once.
    private func mostCommon(_ limit: Int, of places: some Sequence<Int>, except known: Int32?) -> [Int32] {
        // Words of one term may stand side by side in the list: twice the number leaves enough.
        var best = TopK(capacity: 2 * limit)
        for place in places where wordTerms[place] != known {
            best.offer(ScoredRow(row: place, score: Float(range(of: wordTerms[place]).count)))
        }
        var seen: Set<Int32> = []
        return Array(best.sorted().map { wordTerms[$0.row] }.filter { seen.insert($0).inserted }.prefix(limit))
    }

    private func corrections(of word: String) -> [Int32] {
        guard word.utf8.count >= 4, let letter = word.first, !TextWords.isNumber(word) else { return [] }
        let asked = Array(word.utf8)
        let near = places(beginning: String(letter)).filter { place in
            let other = words[place].utf8
            return abs(other.count - asked.count) <= 1 && isOneEdit(asked, Array(other))
        }
        return mostCommon(Self.widestCorrection, of: near, except: nil)
    }

    /// Whether two different words are one edit apart.
    private func isOneEdit(_ a: [UInt8], _ b: [UInt8]) -> Bool {
        var start = 0
        while start < min(a.count, b.count), a[start] == b[start] { start += 1 }
        var end = 0
        while end < min(a.count, b.count) - start, a[a.count - 1 - end] == b[b.count - 1 - end] { end += 1 }
        let (left, right) = (a[start..<(a.count - end)], b[start..<(b.count - end)])
        if max(left.count, right.count) <= 1 { return true }
        return left.count == 2 && right.count == 2 && left.first == right.last && left.last == right.first
    }
}

/// The scores of one query under way.
private struct QueryScores {
    private let count: Int
    private var scores: [Float]
    /// Bit w: the item has word w; the highest bit: it has not the last word itself, but a longer one.
    private var found: [UInt16]
    /// Counts of the word being added.
    private var counts: [UInt16]
    private var touched: [Int32] = []
    /// Items with any word.
    private var rows: [Int32] = []
    private var words = 0

    private static let begun: UInt16 = 1 << 15

    init(count: Int) {
        self.count = count
        scores = Array(repeating: 0, count: count)
        found = Array(repeating: 0, count: count)
        counts = Array(repeating: 0, count: count)
    }

    /// Adds what a word gives to the items that do not have it yet.
    mutating func add(_ terms: [Int32], of index: TextIndex, word: Int, isBegun: Bool = false) {
        words = max(words, word + 1)
        let bit: UInt16 = 1 << UInt16(word)
        touched.removeAll(keepingCapacity: true)
        index.rows.withUnsafeBufferPointer { rows in
            index.counts.withUnsafeBufferPointer { shares in
                for term in terms {
                    for entry in index.range(of: term) {
                        let row = Int(rows[entry])
                        if found[row] & bit != 0 { continue }
                        if counts[row] == 0 { touched.append(Int32(row)) }
                        // At most 200 terms of 255 each.
                        counts[row] &+= UInt16(shares[entry])
                    }
                }
            }
        }
        let (all, having) = (Double(count), Double(touched.count))
        let rarity = Float(PortableMath.log(1 + (all - having + 0.5) / (having + 0.5))) * (TextIndex.k1 + 1)
        let mark = isBegun ? bit | Self.begun : bit
        index.norms.withUnsafeBufferPointer { norms in
            for row in touched {
                let row = Int(row)
                let share = Float(counts[row])
                scores[row] += rarity * share / (share + norms[row])
                if found[row] == 0 { rows.append(Int32(row)) }
                found[row] |= mark
                counts[row] = 0
            }
        }
    }

    /// The best of the admitted items that have the most words.
    func best(_ limit: Int, admits: (Int) -> Bool) -> (rows: [ScoredRow], total: Int) {
        for most in stride(from: words, to: 0, by: -1) {
            var (whole, longer) = (TopK(capacity: limit), TopK(capacity: limit))
            var total = 0
            for row in rows {
                let row = Int(row)
                guard (found[row] & ~Self.begun).nonzeroBitCount == most, admits(row) else { continue }
                total += 1
                let scored = ScoredRow(row: row, score: scores[row])
                if found[row] & Self.begun == 0 { whole.offer(scored) } else { longer.offer(scored) }
            }
            if total > 0 { return (Array((whole.sorted() + longer.sorted()).prefix(limit)), total) }
        }
        return ([], 0)
    }
}
