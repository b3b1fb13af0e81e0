// How one event stands in the log: a flat JSON object with a version.
import RecCore

/// The wire form of an interaction in Kafka:
///
///     {"v":1,"event":"e-1","user":"u-1","item":"i-1","kind":"purchase","time":1700000000000,"weight":1}
///
/// `time` is in milliseconds since 1970 (UTC); `event` is absent where the interaction has no id, `recommendation` where it
/// came from none, and `weight` may be (= 1). Reading is strict: a member that is unknown, missing or named twice, a value of another type, text that is
/// not UTF-8 and anything behind the object are refused. Both directions are written by hand: the general coders of
/// Foundation take several times as long for an object of seven members, and a processor reads tens of thousands a
/// second.
enum KafkaEventWire {
    /// Why bytes are not an event. The text holds nothing of them.
    struct Refusal: Error, Hashable, CustomStringConvertible {
        let description: String
        init(_ description: String) { self.description = description }
    }

    /// An event of at most three texts of 255 bytes is far shorter, however it is escaped.
    static let maximumSize = 16 * 1024

    /// Adds the JSON of an interaction to `bytes`.
    static func encode(_ interaction: Interaction, into bytes: inout [UInt8]) {
        bytes.append(contentsOf: #"{"v":1"#.utf8)
        if let event = interaction.event { append(#","event":""#, event.rawValue, to: &bytes) }
        append(#","user":""#, interaction.user.rawValue, to: &bytes)
        append(#","item":""#, interaction.item.rawValue, to: &bytes)
        append(#","kind":""#, interaction.kind.rawValue, to: &bytes)
        bytes.append(contentsOf: #","time":"#.utf8)
        append(interaction.timestamp.milliseconds, to: &bytes)
        bytes.append(contentsOf: #","weight":"#.utf8)
        if interaction.weight == interaction.weight.rounded(), abs(interaction.weight) < 1e7 {
            append(Int64(interaction.weight), to: &bytes)
        } else {
            // The shortest text that reads back as the same number.
            bytes.append(contentsOf: interaction.weight.description.utf8)
        }
        if let name = interaction.recommendation { append(#","recommendation":""#, name, to: &bytes) }
        bytes.append(UInt8(ascii: "}"))
    }

    /// - Throws: why the bytes are not an event, without quoting them.
    static func decode(_ bytes: [UInt8]) throws(Refusal) -> Interaction {
        guard !bytes.isEmpty else { throw Refusal("empty") }
        guard bytes.count <= maximumSize else { throw Refusal("larger than \(maximumSize) bytes") }
        var reader = JSONBytes(bytes)
        var members = Members()
        try reader.expect(UInt8(ascii: "{"), "not a JSON object")
        if !reader.skip(UInt8(ascii: "}")) {
            repeat {
                let name = try reader.text()
                try reader.expect(UInt8(ascii: ":"), "not JSON")
                try members.set(name, &reader)
            } while reader.skip(UInt8(ascii: ","))
            try reader.expect(UInt8(ascii: "}"), "not JSON")
        }
        try reader.expectEnd()
        return try members.interaction()
    }

    private static func append(_ head: StaticString, _ text: String, to bytes: inout [UInt8]) {
        head.withUTF8Buffer { bytes.append(contentsOf: $0) }
        let isPlain =
            text.utf8.withContiguousStorageIfAvailable { utf8 in
                for byte in utf8 where byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") { return false }
                bytes.append(contentsOf: utf8)
                return true
            } ?? false
        if !isPlain {
            // An interaction's texts hold no control characters, so these two are all that needs an escape.
            for byte in text.utf8 {
                if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") { bytes.append(UInt8(ascii: "\\")) }
                bytes.append(byte)
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }

    private static func append(_ number: Int64, to bytes: inout [UInt8]) {
        var rest = number.magnitude
        if number < 0 { bytes.append(UInt8(ascii: "-")) }
        var digits: UInt64 = 1
        while rest / digits >= 10 { digits *= 10 }
        while digits > 0 {
            bytes.append(UInt8(ascii: "0") + UInt8(rest / digits))
            rest %= digits
            digits /= 10
        }
    }
}

/// The members of one object as far as they are read.
private struct Members {
    private var version: Int64?
    private var event: String?
    private var user: String?
    private var item: String?
    private var kind: String?
    private var time: Int64?
    private var weight: Float?
    private var recommendation: String?

    mutating func set(_ name: String, _ reader: inout JSONBytes) throws(KafkaEventWire.Refusal) {
        switch name {
        case "v": try Self.once(&version, "v", try reader.integer())
        case "event": try Self.once(&event, "event", try reader.text())
        case "user": try Self.once(&user, "user", try reader.text())
        case "item": try Self.once(&item, "item", try reader.text())
        case "kind": try Self.once(&kind, "kind", try reader.text())
        case "time": try Self.once(&time, "time", try reader.integer())
        case "weight": try Self.once(&weight, "weight", try reader.float())
        case "recommendation": try Self.once(&recommendation, "recommendation", try reader.text())
        default: throw KafkaEventWire.Refusal("a member that is not known")
        }
    }

    private static func once<Value>(
        _ member: inout Value?, _ name: StaticString, _ value: Value
    ) throws(KafkaEventWire.Refusal) {
        guard member == nil else { throw KafkaEventWire.Refusal("\(name) stands there twice") }
        member = value
    }

    func interaction() throws(KafkaEventWire.Refusal) -> Interaction {
        guard let version else { throw KafkaEventWire.Refusal("v is missing") }
        guard version == 1 else { throw KafkaEventWire.Refusal("version is not 1") }
        guard let user else { throw KafkaEventWire.Refusal("user is missing") }
        guard let item else { throw KafkaEventWire.Refusal("item is missing") }
        guard let kind else { throw KafkaEventWire.Refusal("kind is missing") }
        guard let time else { throw KafkaEventWire.Refusal("time is missing") }
        guard let kind = InteractionKind(kind) else { throw KafkaEventWire.Refusal("kind is not a name of a kind") }
        do {
            return try Interaction(
                event: event.map(EventID.init), user: UserID(user), item: ItemID(item), kind: kind,
                timestamp: Timestamp(milliseconds: time), weight: weight ?? 1, recommendation: recommendation)
        } catch {
            throw KafkaEventWire.Refusal(error.description)
        }
    }
}

/// Reads JSON tokens from bytes; every look at a byte is checked.
struct JSONBytes {
    typealias Refusal = KafkaEventWire.Refusal
    private let bytes: [UInt8]
    private var place = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    private var next: UInt8? { place < bytes.count ? bytes[place] : nil }

    private mutating func skipSpace() {
        while let byte = next, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { place += 1 }
    }

    /// Goes over a sign, if it comes next.
    mutating func skip(_ sign: UInt8) -> Bool {
        skipSpace()
        guard next == sign else { return false }
        place += 1
        return true
    }

    mutating func expect(_ sign: UInt8, _ refusal: StaticString) throws(Refusal) {
        guard skip(sign) else { throw Refusal("\(refusal)") }
    }

    mutating func expectEnd() throws(Refusal) {
        skipSpace()
        guard next == nil else { throw Refusal("something stands behind the object") }
    }

    mutating func text() throws(Refusal) -> String {
        try expect(UInt8(ascii: "\""), "text was expected")
        let start = place
        while let byte = next, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\"), byte >= 0x20 { place += 1 }
        if next == UInt8(ascii: "\"") {
            let text = String(validating: bytes[start..<place], as: UTF8.self)
            place += 1
            guard let text else { throw Refusal("text is not UTF-8") }
            return text
        }
        return try escapedText(from: start)
    }

    private mutating func escapedText(from start: Int) throws(Refusal) -> String {
        var result = Array(bytes[start..<place])
        while let byte = next, byte >= 0x20 {
            place += 1
            switch byte {
            case UInt8(ascii: "\""):
                guard let text = String(validating: result, as: UTF8.self) else { throw Refusal("text is not UTF-8") }
                return text
            case UInt8(ascii: "\\"):
                result.append(contentsOf: UTF8.encode(try escape()) ?? UTF8.encodedReplacementCharacter)
            default: result.append(byte)
            }
        }
        throw Refusal(next == nil ? "text does not end" : "text holds a control character")
    }

    /// What an escape stands for; the reader is behind the backslash.
    private mutating func escape() throws(Refusal) -> Unicode.Scalar {
        guard let byte = next else { throw Refusal("text does not end") }
        place += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(byte)
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{C}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "u"): break
        default: throw Refusal("an escape that JSON does not know")
        }
        var code = try fourDigits()
        if (0xD800..<0xDC00).contains(code), next == UInt8(ascii: "\\") {
            place += 1
            guard next == UInt8(ascii: "u") else { throw Refusal("half of a surrogate pair") }
            place += 1
            let low = try fourDigits()
            guard (0xDC00..<0xE000).contains(low) else { throw Refusal("half of a surrogate pair") }
            code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00)
        }
        guard let scalar = Unicode.Scalar(code) else { throw Refusal("half of a surrogate pair") }
        return scalar
    }

    private mutating func fourDigits() throws(Refusal) -> UInt32 {
        var code: UInt32 = 0
        for _ in 0..<4 {
            guard let byte = next else { throw Refusal("text does not end") }
            place += 1
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): code = code << 4 | UInt32(byte - UInt8(ascii: "0"))
            case UInt8(ascii: "a")...UInt8(ascii: "f"): code = code << 4 | UInt32(byte - UInt8(ascii: "a") + 10)
            case UInt8(ascii: "A")...UInt8(ascii: "F"): code = code << 4 | UInt32(byte - UInt8(ascii: "A") + 10)
            default: throw Refusal("an escape that JSON does not know")
            }
        }
        return code
    }

    /// A number without fraction and exponent.
    mutating func integer() throws(Refusal) -> Int64 {
        let digits = try number()
        guard digits.isInteger else { throw Refusal("a whole number was expected") }
        var value: Int64 = 0
        let isNegative = bytes[digits.range.lowerBound] == UInt8(ascii: "-")
        for place in digits.range.dropFirst(isNegative ? 1 : 0) {
            let digit = Int64(bytes[place] - UInt8(ascii: "0"))
            let (shifted, overflow) = value.multipliedReportingOverflow(by: 10)
            let (sum, carry) = shifted.subtractingReportingOverflow(digit)
            guard !overflow, !carry else { throw Refusal("a number is too large") }
            value = sum
        }
        guard !isNegative else { return value }
        guard value > Int64.min else { throw Refusal("a number is too large") }
        return -value
    }

    mutating func float() throws(Refusal) -> Float {
        let digits = try number()
        if digits.isInteger, digits.range.count == 1 {
            return Float(bytes[digits.range.lowerBound] - UInt8(ascii: "0"))
        }
        guard let value = Float(String(decoding: bytes[digits.range], as: UTF8.self)), value.isFinite else {
            throw Refusal("a number is too large")
        }
        return value
    }

    /// Goes over a number of JSON's grammar.
    private mutating func number() throws(Refusal) -> (range: Range<Int>, isInteger: Bool) {
        func isDigit(_ byte: UInt8?) -> Bool {
            byte.map { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) } ?? false
        }
        skipSpace()
        let start = place
        var isInteger = true
        if next == UInt8(ascii: "-") { place += 1 }
        guard isDigit(next) else { throw Refusal("a number was expected") }
        if next == UInt8(ascii: "0") { place += 1 } else { while isDigit(next) { place += 1 } }
        guard !isDigit(next) else { throw Refusal("a number begins with 0") }
        if next == UInt8(ascii: ".") {
            isInteger = false
            place += 1
            guard isDigit(next) else { throw Refusal("a number does not end") }
            while isDigit(next) { place += 1 }
        }
        if next == UInt8(ascii: "e") || next == UInt8(ascii: "E") {
            isInteger = false
            place += 1
            if next == UInt8(ascii: "+") || next == UInt8(ascii: "-") { place += 1 }
            guard isDigit(next) else { throw Refusal("a number does not end") }
            while isDigit(next) { place += 1 }
        }
        return (start..<place, isInteger)
    }
}
