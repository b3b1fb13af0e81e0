// The grammar of JSON (RFC 8259), checked before anything is decoded.

/// What is wrong with a text, and where.
struct JSONSyntaxError: Error, Hashable {
    let reason: String
    /// From 1, in bytes.
    let line: Int
    let column: Int
    var description: String { "\(reason) at line \(line), column \(column)" }
}

/// A strict check. The decoder of Foundation takes trailing commas, unknown escapes and numbers with leading zeros, guesses the
/// encoding from zero bytes, and does not tell the place of an error.
/// - Complexity: O(bytes); the stack is bounded by ``maximumDepth``.
struct JSONSyntax {
    /// Our shapes are three deep; more is an attack on the parser's stack.
    static let maximumDepth = 16

    private let bytes: [UInt8]
    private var place = 0
    private var depth = 0

    /// - Parameter isList: whether a list is expected in place of an object.
    /// - Throws: ``JSONSyntaxError`` unless the bytes are one JSON object in UTF-8, with numbers that a `Double` can hold.
    static func check(_ bytes: [UInt8], isList: Bool = false) throws(JSONSyntaxError) {
        var syntax = JSONSyntax(bytes: bytes)
        guard String(validating: bytes, as: UTF8.self) != nil else { throw syntax.error("it is not UTF-8") }
        syntax.skipSpace()
        guard !syntax.isAtEnd else { throw syntax.error("it is empty") }
        let opening: Unicode.Scalar = isList ? "[" : "{"
        guard syntax.next == UInt8(ascii: opening) else { throw syntax.error("it does not begin with \(opening)") }
        try syntax.value()
        syntax.skipSpace()
        guard syntax.isAtEnd else { throw syntax.error("something follows it") }
    }

    private init(bytes: [UInt8]) { self.bytes = bytes }

    private var isAtEnd: Bool { place == bytes.count }
    private var next: UInt8? { isAtEnd ? nil : bytes[place] }

    private func error(_ reason: String) -> JSONSyntaxError {
        let before = bytes[..<place]
        let lineStart = before.lastIndex(of: 10).map { $0 + 1 } ?? 0
        return JSONSyntaxError(reason: reason, line: before.count { $0 == 10 } + 1, column: place - lineStart + 1)
    }

    private mutating func skipSpace() {
        while let byte = next, byte == 32 || byte == 9 || byte == 10 || byte == 13 { place += 1 }
    }

    private mutating func take(_ byte: Unicode.Scalar) -> Bool {
        guard next == UInt8(ascii: byte) else { return false }
        place += 1
        return true
    }

    private mutating func expect(_ byte: Unicode.Scalar) throws(JSONSyntaxError) {
        guard take(byte) else { throw error(isAtEnd ? "it ends where \(byte) is expected" : "\(byte) is expected") }
    }

    private mutating func value() throws(JSONSyntaxError) {
        switch next {
        case UInt8(ascii: "{"):
            try members(until: "}") { (syntax) throws(JSONSyntaxError) in
                try syntax.string()
                syntax.skipSpace()
                try syntax.expect(":")
                syntax.skipSpace()
                try syntax.value()
            }
        case UInt8(ascii: "["): try members(until: "]") { (syntax) throws(JSONSyntaxError) in try syntax.value() }
        case UInt8(ascii: "\""): try string()
        case UInt8(ascii: "t"): try word("true")
        case UInt8(ascii: "f"): try word("false")
        case UInt8(ascii: "n"): try word("null")
        case UInt8(ascii: "-"): try number()
        case let byte? where (48...57).contains(byte): try number()
        case nil: throw error("it ends where a value is expected")
        default: throw error("a value is expected")
        }
    }

    private mutating func members(
        until end: Unicode.Scalar, _ member: (inout JSONSyntax) throws(JSONSyntaxError) -> Void
    ) throws(JSONSyntaxError) {
        depth += 1
        guard depth <= Self.maximumDepth else { throw error("it is nested deeper than \(Self.maximumDepth)") }
        place += 1
        skipSpace()
        if !take(end) {
            repeat {
                skipSpace()
                try member(&self)
                skipSpace()
            } while take(",")
            guard take(end) else { throw error(isAtEnd ? "it ends before \(end)" : "a comma or \(end) is expected") }
        }
        depth -= 1
    }

    private mutating func word(_ text: StaticString) throws(JSONSyntaxError) {
        for byte in text.description.utf8 {
            guard next == byte else { throw error("\(text) is expected") }
            place += 1
        }
    }

    private mutating func string() throws(JSONSyntaxError) {
        try expect("\"")
        while let byte = next {
            switch byte {
            case UInt8(ascii: "\""):
                place += 1
                return
            case UInt8(ascii: "\\"):
                place += 1
                try escape()
            case 0..<32: throw error("a control character stands in a string")
            default: place += 1
            }
        }
        throw error("a string has no end")
    }

    private mutating func escape() throws(JSONSyntaxError) {
        guard take("u") else {
            guard let byte = next, #""\/bfnrt"#.utf8.contains(byte) else { throw error("an unknown escape") }
            place += 1
            return
        }
        let unit = try hexadecimal()
        guard (0xD800..<0xE000).contains(unit) else { return }
        guard unit < 0xDC00, take("\\"), take("u"), (0xDC00..<0xE000).contains(try hexadecimal()) else {
            throw error("half of a surrogate pair")
        }
    }

    private mutating func hexadecimal() throws(JSONSyntaxError) -> UInt32 {
        var unit: UInt32 = 0
        for _ in 0..<4 {
            guard let digit = next.flatMap(hexadecimalDigit) else {
                throw error("four hexadecimal digits are expected")
            }
            unit = unit << 4 | UInt32(digit)
            place += 1
        }
        return unit
    }

    private mutating func number() throws(JSONSyntaxError) {
        let start = place
        _ = take("-")
        if !take("0") { try digits() }
        if take(".") { try digits() }
        if take("e") || take("E") {
            if !take("+") { _ = take("-") }
            try digits()
        }
        let text = String(decoding: bytes[start..<place], as: UTF8.self)
        guard let number = Double(text), number.isFinite else {
            place = start
            throw error("a number is too large")
        }
    }

    private mutating func digits() throws(JSONSyntaxError) {
        let start = place
        while let byte = next, (48...57).contains(byte) { place += 1 }
        guard place > start else { throw error("a digit is expected") }
    }
}

/// The value of one hexadecimal digit.
func hexadecimalDigit(_ byte: UInt8) -> UInt8? {
    switch byte {
    case 48...57: byte - 48
    case 65...70: byte - 55
    case 97...102: byte - 87
    default: nil
    }
}
