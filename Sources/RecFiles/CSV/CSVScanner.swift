// Finds the fields of one record in a buffer: the inner loop of the CSV reader.

/// Looks at bytes only and keeps nothing, so that a record which reaches beyond the buffer is simply scanned again.
struct CSVScanner {
    static let quote: UInt8 = 0x22
    static let lineFeed: UInt8 = 0x0a
    static let carriageReturn: UInt8 = 0x0d

    struct Field {
        var start: Int
        var end: Int
        var hasDoubledQuotes: Bool
    }
    struct Record {
        /// Where the next record begins.
        var next: Int
        /// Line ends in it, its own included.
        var lines: Int
        var isBeyondASCII: Bool
        var hasNUL: Bool
        var hasDoubledQuotes: Bool
    }
    enum Outcome {
        case record(Record)
        case blank(next: Int)
        case problem(String)
        case needsMore
    }
    /// How a field ended.
    private enum Ending {
        /// At a separator; the next field begins here.
        case field(next: Int)
        /// At the end of the line; the next record begins here.
        case record(next: Int)
        case problem(String)
        case needsMore
    }
    private struct Marks {
        var seen: UInt8 = 0
        var hasNUL = false
        var lines = 1
    }

    let separator: UInt8
    let limits: CSVLimits
    /// All bytes above it are ordinary ones outside quotes.
    private let greatestSpecial: UInt8

    init(separator: UInt8, limits: CSVLimits) {
        self.separator = separator
        self.limits = limits
        greatestSpecial = max(separator, Self.lineFeed)
    }

    /// Scans one record.
    /// - Parameters:
    ///   - start: where it begins.
    ///   - isLast: whether nothing follows the buffer.
    ///   - fields: replaced by the record's fields.
    /// - Complexity: O(bytes of the record).
    func scan(_ bytes: [UInt8], from start: Int, isLast: Bool, into fields: inout [Field]) -> Outcome {
        fields.removeAll(keepingCapacity: true)
        var marks = Marks()
        var hasDoubledQuotes = false
        var position = start
        while true {
            var field = Field(start: position, end: position, hasDoubledQuotes: false)
            let isQuoted = position < bytes.count && bytes[position] == Self.quote
            let ending =
                isQuoted
                ? scanQuoted(bytes, isLast: isLast, &field, &marks)
                : scanPlain(bytes, isLast: isLast, &field, &marks)
            switch ending {
            case .needsMore: return .needsMore
            case .problem(let reason): return .problem(reason)
            case .field(let next), .record(let next):
                position = next
                if field.end - field.start > limits.field {
                    return .problem(fieldTooLong)
                }
                if position - start > limits.record { return .problem("is longer than \(limits.record) bytes") }
                if fields.count == limits.columns { return .problem("has more than \(limits.columns) columns") }
                hasDoubledQuotes = hasDoubledQuotes || field.hasDoubledQuotes
                fields.append(field)
            }
            guard case .record(let next) = ending else { continue }
            if fields.count == 1, !isQuoted, field.start == field.end { return .blank(next: next) }
            return .record(
                Record(
                    next: next, lines: marks.lines, isBeyondASCII: marks.seen >= 0x80, hasNUL: marks.hasNUL,
                    hasDoubledQuotes: hasDoubledQuotes))
        }
    }

    private var fieldTooLong: String { "holds a field longer than \(limits.field) bytes" }

    private func scanPlain(_ bytes: [UInt8], isLast: Bool, _ field: inout Field, _ marks: inout Marks) -> Ending {
        let end = bytes.count
        // One byte more than allowed for a carriage return, one to be beyond.
        let stop = min(end, field.start + limits.field + 2)
        var i = field.start
        var seen: UInt8 = 0
        var last: UInt8 = 0
        while i < stop {
            let byte = bytes[i]
            if byte > greatestSpecial {
                seen |= byte
            } else if byte == separator || byte == Self.lineFeed {
                last = byte
                break
            } else if byte == 0 {
                marks.hasNUL = true
            }
            i += 1
        }
        marks.seen |= seen
        field.end = i
        if i == stop {
            if i - field.start >= limits.field + 2 { return .problem(fieldTooLong) }
            guard isLast else { return .needsMore }
        }
        if i < stop, last == separator { return .field(next: i + 1) }
        if field.end > field.start, bytes[field.end - 1] == Self.carriageReturn { field.end -= 1 }
        return .record(next: i == stop ? i : i + 1)
    }

    private func scanQuoted(_ bytes: [UInt8], isLast: Bool, _ field: inout Field, _ marks: inout Marks) -> Ending {
        let end = bytes.count
        field.start += 1
        var i = field.start
        while true {
            if i - field.start > limits.field { return .problem("\(fieldTooLong), or a quote that is not closed") }
            guard i < end else { return isLast ? .problem("holds a quote that is not closed") : .needsMore }
            let byte = bytes[i]
            if byte == Self.quote {
                guard i + 1 < end else {
                    if isLast { break }
                    return .needsMore
                }
                guard bytes[i + 1] == Self.quote else { break }
                field.hasDoubledQuotes = true
                i += 2
                continue
            }
            marks.seen |= byte
            if byte == Self.lineFeed { marks.lines += 1 }
            if byte == 0 { marks.hasNUL = true }
            i += 1
        }
        field.end = i
        i += 1
        guard i < end else { return isLast ? .record(next: i) : .needsMore }
        if bytes[i] == separator { return .field(next: i + 1) }
        if bytes[i] == Self.lineFeed { return .record(next: i + 1) }
        if bytes[i] == Self.carriageReturn {
            guard i + 1 < end else { return isLast ? .record(next: i + 1) : .needsMore }
            if bytes[i + 1] == Self.lineFeed { return .record(next: i + 2) }
        }
        return .problem("has text behind a closing quote")
    }
}
