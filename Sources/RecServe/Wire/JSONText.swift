// JSON written by hand, for the answer that is sent thousands of times a second.
import NIOCore

/// Appends JSON to a buffer. The caller keeps the grammar; texts and numbers are kept right here.
struct JSONText {
    private(set) var buffer: ByteBuffer

    init(capacity: Int) {
        buffer = ByteBuffer()
        buffer.reserveCapacity(capacity)
    }

    /// Punctuation and names of members, as they stand.
    mutating func raw(_ text: StaticString) {
        text.withUTF8Buffer { _ = buffer.writeBytes($0) }
    }

    mutating func raw(_ bytes: some Collection<UInt8>) { buffer.writeBytes(bytes) }

    /// A text in quotation marks.
    mutating func string(_ text: String) {
        buffer.writeInteger(UInt8(ascii: "\""))
        let isPlain = text.utf8.allSatisfy { $0 >= 0x20 && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\") }
        if isPlain { buffer.writeString(text) } else { escape(text) }
        buffer.writeInteger(UInt8(ascii: "\""))
    }

    private mutating func escape(_ text: String) {
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""): raw(#"\""#)
            case UInt8(ascii: "\\"): raw(#"\\"#)
            case 0x08: raw(#"\b"#)
            case 0x09: raw(#"\t"#)
            case 0x0A: raw(#"\n"#)
            case 0x0C: raw(#"\f"#)
            case 0x0D: raw(#"\r"#)
            case 0..<0x20:
                raw(#"\u00"#)
                for digit in [byte >> 4, byte & 15] { buffer.writeInteger(Self.digits[Int(digit)]) }
            default: buffer.writeInteger(byte)
            }
        }
    }
    private static let digits = Array("0123456789abcdef".utf8)

    /// The shortest text that reads back as the same number. What JSON cannot hold is written as a text.
    mutating func number(_ value: Double) {
        guard value.isFinite else { return string(value.isNaN ? "nan" : value > 0 ? "inf" : "-inf") }
        if value == value.rounded(), abs(value) <= 0x1p53 {
            buffer.writeString(String(Int64(value)))
        } else {
            buffer.writeString(value.description)
        }
    }

    mutating func number(_ value: Int64) { buffer.writeString(String(value)) }

    /// Values with commas between them, in brackets.
    mutating func list<Value>(_ values: some Collection<Value>, _ write: (inout JSONText, Value) -> Void) {
        raw("[")
        var isFirst = true
        for value in values {
            if !isFirst { raw(",") }
            isFirst = false
            write(&self, value)
        }
        raw("]")
    }
}
