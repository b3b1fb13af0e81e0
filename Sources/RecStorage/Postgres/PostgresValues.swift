// Values as PostgreSQL's binary format has them.
import RecCore

/// A parameter of a statement. It is bound, never part of the statement's text.
enum PostgresValue {
    case text(String)
    case integer(Int64)
    case texts([String?])
    case integers([Int64])
    case booleans([Bool])

    /// The type's number in the server's catalogue, which is the same in every version.
    var type: UInt32 {
        switch self {
        case .text: PostgresType.text
        case .integer: PostgresType.int8
        case .texts: 1009
        case .integers: 1016
        case .booleans: 1000
        }
    }
}

enum PostgresType {
    static let boolean: UInt32 = 16
    static let int8: UInt32 = 20
    static let text: UInt32 = 25
}

/// A text that the server cannot hold.
struct TextHoldsNUL: Error {}

/// Bytes in network order, as parameters and rows of COPY need them.
struct PostgresBytes {
    private(set) var bytes: [UInt8] = []
    var count: Int { bytes.count }

    mutating func reserve(_ count: Int) { bytes.reserveCapacity(count) }
    mutating func removeAll() { bytes.removeAll(keepingCapacity: true) }

    mutating func append<Value: FixedWidthInteger>(_ value: Value) {
        withUnsafeBytes(of: value.bigEndian) { bytes.append(contentsOf: $0) }
    }

    /// The bytes of a text, without its length.
    private mutating func append(utf8 text: String) throws(TextHoldsNUL) {
        let start = bytes.count
        bytes.append(contentsOf: text.utf8)
        // The server refuses the character in the middle of a chunk; here it costs one look.
        guard !bytes[start...].contains(0) else { throw TextHoldsNUL() }
    }

    /// The value of a parameter; its length goes with it elsewhere.
    mutating func append(_ value: PostgresValue) throws(TextHoldsNUL) {
        switch value {
        case .text(let text): try append(utf8: text)
        case .integer(let value): append(value)
        case .texts(let texts):
            appendArrayHead(of: PostgresType.text, count: texts.count, hasNulls: texts.contains { $0 == nil })
            for text in texts { try append(field: text) }
        case .integers(let values):
            appendArrayHead(of: PostgresType.int8, count: values.count)
            for value in values { append(field: value) }
        case .booleans(let values):
            appendArrayHead(of: PostgresType.boolean, count: values.count)
            for value in values { append(field: UInt8(value ? 1 : 0)) }
        }
    }

    private mutating func appendArrayHead(of type: UInt32, count: Int, hasNulls: Bool = false) {
        append(Int32(count == 0 ? 0 : 1))
        append(Int32(hasNulls ? 1 : 0))
        append(type)
        guard count > 0 else { return }
        append(Int32(truncatingIfNeeded: count))
        append(Int32(1))
    }

    // MARK: - Fields of a row: a length and so many bytes

    mutating func append<Value: FixedWidthInteger>(field value: Value) {
        append(Int32(MemoryLayout<Value>.size))
        append(value)
    }

    /// `nil` is the length -1.
    mutating func append(field text: String?) throws(TextHoldsNUL) {
        guard let text else { return append(Int32(-1)) }
        append(Int32(truncatingIfNeeded: text.utf8.count))
        try append(utf8: text)
    }

    /// A `timestamptz`: microseconds since the year 2000. Years 1 to 9999 fit.
    mutating func append(field time: Timestamp) {
        append(field: (time.milliseconds &- Self.millisecondsTo2000) &* 1000)
    }

    static let millisecondsTo2000: Int64 = 946_684_800_000
}
