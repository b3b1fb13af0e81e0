// Cuts Swift source into words and signs, without comments and without the text of string literals.

/// One word or sign of a source file.
struct Token: Equatable {
    enum Kind { case word, sign, literal }

    let kind: Kind
    let text: String
    /// Counted from 1.
    let line: Int
    /// Whether nothing stands between this token and the one before it.
    let isJoined: Bool
}

/// The tokens of a source text. Code inside string interpolations counts as code.
///
/// It knows comments (nested too), string literals (raw and multi-line too) and extended regex literals; that is all the checks
/// need. A literal that never ends stops at the end of its line, so that a mistake here cannot hide the rest of a file.
func swiftTokens(of source: String) -> [Token] {
    var scanner = SwiftScanner(source)
    scanner.scanCode(insideInterpolation: false)
    return scanner.tokens
}

private struct SwiftScanner {
    private(set) var tokens: [Token] = []
    private let bytes: [UInt8]
    private var place = 0
    private var line = 1
    private var endOfLast = 0

    init(_ source: String) { bytes = Array(source.utf8) }

    mutating func scanCode(insideInterpolation: Bool) {
        var openParentheses = 0
        while let byte = peek() {
            switch byte {
            case UInt8(ascii: "\n"), UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\r"):
                advance()
            case UInt8(ascii: "/") where peek(1) == UInt8(ascii: "/"):
                while let next = peek(), next != UInt8(ascii: "\n") { advance() }
            case UInt8(ascii: "/") where peek(1) == UInt8(ascii: "*"):
                skipBlockComment()
            case UInt8(ascii: "\""):
                skipString(hashes: 0)
            case UInt8(ascii: "#") where byteAfterHashes() == UInt8(ascii: "\""):
                skipString(hashes: skipHashes())
            case UInt8(ascii: "#") where byteAfterHashes() == UInt8(ascii: "/"):
                skipExtendedRegex(hashes: skipHashes())
            case _ where Self.isWordByte(byte):
                scanWord()
            default:
                if insideInterpolation, byte == UInt8(ascii: ")"), openParentheses == 0 { return }
                if byte == UInt8(ascii: "(") { openParentheses += 1 }
                if byte == UInt8(ascii: ")") { openParentheses -= 1 }
                advance()
                append(.sign, String(UnicodeScalar(byte)), from: place - 1)
            }
        }
    }

    private mutating func scanWord() {
        let start = place
        while let byte = peek(), Self.isWordByte(byte) { place += 1 }
        let text = String(decoding: bytes[start..<place], as: UTF8.self)
        let isNumber = bytes[start] >= UInt8(ascii: "0") && bytes[start] <= UInt8(ascii: "9")
        append(isNumber ? .literal : .word, text, from: start)
    }

    private mutating func append(_ kind: Token.Kind, _ text: String, from start: Int) {
        tokens.append(Token(kind: kind, text: text, line: line, isJoined: start == endOfLast))
        endOfLast = place
    }

    private mutating func skipBlockComment() {
        var depth = 0
        repeat {
            if peek() == UInt8(ascii: "/"), peek(1) == UInt8(ascii: "*") {
                depth += 1
                place += 2
            } else if peek() == UInt8(ascii: "*"), peek(1) == UInt8(ascii: "/") {
                depth -= 1
                place += 2
            } else {
                advance()
            }
        } while depth > 0 && place < bytes.count
    }

    private mutating func skipString(hashes: Int) {
        append(.literal, "\"\"", from: place)
        let isMultiline = peek(1) == UInt8(ascii: "\"") && peek(2) == UInt8(ascii: "\"")
        let quotes = isMultiline ? 3 : 1
        place += quotes
        while let byte = peek() {
            if byte == UInt8(ascii: "\\"), has(UInt8(ascii: "#"), times: hashes, at: 1) {
                place += 1 + hashes
                if peek() == UInt8(ascii: "(") {
                    advance()
                    scanCode(insideInterpolation: true)
                }
                advance()
            } else if has(UInt8(ascii: "\""), times: quotes), has(UInt8(ascii: "#"), times: hashes, at: quotes) {
                place += quotes + hashes
                return
            } else if byte == UInt8(ascii: "\n"), !isMultiline {
                return
            } else {
                advance()
            }
        }
    }

    private mutating func skipExtendedRegex(hashes: Int) {
        append(.literal, "//", from: place)
        advance()
        while let byte = peek() {
            if byte == UInt8(ascii: "/"), has(UInt8(ascii: "#"), times: hashes, at: 1) {
                place += 1 + hashes
                return
            }
            advance()
        }
    }

    private func peek(_ distance: Int = 0) -> UInt8? {
        place + distance < bytes.count ? bytes[place + distance] : nil
    }

    private mutating func advance() {
        if peek() == UInt8(ascii: "\n") { line += 1 }
        place += 1
    }

    private func has(_ byte: UInt8, times: Int, at distance: Int = 0) -> Bool {
        (0..<times).allSatisfy { peek(distance + $0) == byte }
    }

    private func byteAfterHashes() -> UInt8? {
        var distance = 0
        while peek(distance) == UInt8(ascii: "#") { distance += 1 }
        return peek(distance)
    }

    private mutating func skipHashes() -> Int {
        let start = place
        while peek() == UInt8(ascii: "#") { place += 1 }
        return place - start
    }

    /// Letters, digits, `_`, `$`, the back quotes of an escaped name, and every byte outside ASCII.
    private static func isWordByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "$"), UInt8(ascii: "`"): true
        default: byte >= 128
        }
    }
}
