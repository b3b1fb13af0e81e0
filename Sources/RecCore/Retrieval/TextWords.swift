// Cutting text into folded words, and bringing the plural of a word to its singular.

/// The words of a text as the index keeps them: runs of letters and digits in lower case, without diacritics.
///
/// Folding knows the Latin letters with one mark or with two as in Vietnamese, and ß æ œ ø đ ð ł þ ı; the marks of
/// U+0300 to U+036F are dropped from letters of other scripts where they stand apart, while letters that hold theirs
/// (й, ά) stay what they are. Scripts without spaces are not cut: a run of them is one word, which is found by its
/// beginning.
enum TextWords {
    /// Longer words are cut here, in bytes of UTF-8.
    static let longest = 48

    /// Calls `body` with each word, in order.
    ///
    /// An apostrophe joins (`men's` is `mens`), every other sign parts; a number loses its leading zeros.
    /// - Parameter joiningLetters: whether a single letter before a hyphen also makes one word with what follows:
    ///   `t-shirt` gives `t`, `shirt` and `tshirt`.
    /// - Complexity: O(bytes).
    static func each(of text: String, joiningLetters: Bool, _ body: (String) -> Void) {
        let isPlain =
            text.utf8.withContiguousStorageIfAvailable { bytes in
                guard bytes.allSatisfy({ $0 < 0x80 }) else { return false }
                cut(bytes, joiningLetters, body)
                return true
            } ?? false
        if !isPlain { cut(folded(text), joiningLetters, body) }
    }

    /// Whether a word is a number.
    static func isNumber(_ word: String) -> Bool { word.utf8.allSatisfy { $0 >= 0x30 && $0 <= 0x39 } }

    private static func cut(_ bytes: some Sequence<UInt8>, _ joiningLetters: Bool, _ body: (String) -> Void) {
        var word: [UInt8] = []
        word.reserveCapacity(longest)
        var letter: UInt8?
        var held: UInt8?
        func end() {
            guard !word.isEmpty else { return }
            if word[0] == 0x30, word.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }) {
                word.removeFirst(min(word.count - 1, word.prefix { $0 == 0x30 }.count))
            }
            body(String(decoding: word, as: UTF8.self))
            if let before = letter { body(String(decoding: [before] + word, as: UTF8.self)) }
            (letter, held) = (nil, word.count == 1 && word[0] >= 0x61 ? word[0] : nil)
            word.removeAll(keepingCapacity: true)
        }
        for byte in bytes {
            switch byte {
            case 0x61...0x7a, 0x30...0x39, 0x80...:
                if word.count < longest { word.append(byte) }
            case 0x41...0x5a:
                if word.count < longest { word.append(byte | 0x20) }
            case 0x27:
                continue
            default:
                end()
                letter = joiningLetters && byte == 0x2d ? held : nil
                held = nil
            }
        }
        end()
    }

    /// Lower case without marks, in UTF-8; what is neither letter nor digit becomes a space.
    private static func folded(_ text: String) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.utf8.count)
        for character in text {
            if let byte = character.asciiValue {
                bytes.append(byte)
                continue
            }
            for lower in character.lowercased() {
                if let plain = plainLetters[lower] {
                    bytes.append(contentsOf: plain.utf8)
                    continue
                }
                for scalar in lower.unicodeScalars where !(0x300...0x36f).contains(scalar.value) {
                    bytes.append(contentsOf: isPartOfWord(scalar) ? Array(Character(scalar).utf8) : [0x20])
                }
            }
        }
        return bytes
    }

    private static func isPartOfWord(_ scalar: Unicode.Scalar) -> Bool {
        let properties = scalar.properties
        switch properties.generalCategory {
        case .nonspacingMark, .spacingMark, .decimalNumber: return true
        default: return properties.isAlphabetic
        }
    }

    /// Letters with marks, to those without. Characters are equal where they are canonically equivalent, so that a
    /// letter and its mark find the letter that holds the mark.
    private static let plainLetters: [Character: String] = {
        var letters: [Character: String] = [
            "ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "đ": "d", "ð": "d", "ł": "l", "þ": "th", "ı": "i", "’": "'",
        ]
        let marks: [Unicode.Scalar] = [
            "\u{300}", "\u{301}", "\u{302}", "\u{303}", "\u{304}", "\u{306}", "\u{307}", "\u{308}", "\u{309}",
            "\u{30a}", "\u{30b}", "\u{30c}", "\u{31b}", "\u{323}", "\u{326}", "\u{327}", "\u{328}", "\u{331}",
        ]
        func add(_ base: Character, _ marks: [Unicode.Scalar]) {
            var text = String(base)
            text.unicodeScalars.append(contentsOf: marks)
            if text.count == 1, let letter = text.first { letters[letter] = String(base) }
        }
        for base in "abcdefghijklmnopqrstuvwxyz" {
            for mark in marks { add(base, [mark]) }
        }
        for base in "aeou" {
            for shape in ["\u{302}", "\u{306}", "\u{31b}"] as [Unicode.Scalar] {
                for tone in ["\u{300}", "\u{301}", "\u{303}", "\u{309}", "\u{323}"] as [Unicode.Scalar] {
                    add(base, [shape, tone])
                }
            }
        }
        return letters
    }()

    /// What a word has in common with its plural: `skirts` and `skirt` give `skirt`, `dresses` `dress`, `hoodies` and
    /// `hoodie` `hoody`.
    ///
    /// English, and light: after Harman, How Effective Is Suffixing?, JASIS 42(1), 1991, with the plurals in -es of
    /// hissing sounds. It need not be a word. Words of three letters, and words with digits, stay.
    static func stem(_ word: String) -> String {
        var letters = Array(word.utf8)
        guard letters.count > 3, !letters.contains(where: { $0 < 0x61 }) else { return word }
        func ends(_ suffix: String) -> Bool { letters.suffix(suffix.utf8.count).elementsEqual(suffix.utf8) }
        if ends("s"), !ends("ss") { letters.removeLast() }
        if letters.count > 3, ends("ie") {
            letters.removeLast(2)
            letters.append(UInt8(ascii: "y"))
        } else if letters.count > 3, ends("sse") || ends("she") || ends("che") || ends("xe") {
            letters.removeLast()
        }
        return letters.count == word.utf8.count ? word : String(decoding: letters, as: UTF8.self)
    }
}
