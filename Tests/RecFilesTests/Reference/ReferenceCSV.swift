// A slow, obvious twin of the CSV reader.
@testable import RecFiles

/// Reads all records of a text, by the rules as they are told: one record at a time, the whole rest of the text at hand.
func referenceRows(_ bytes: [UInt8], separator: UInt8 = 0x2c, limits: CSVLimits = CSVLimits()) -> [Row] {
    var rest = bytes.starts(with: [0xef, 0xbb, 0xbf]) ? Array(bytes.dropFirst(3)) : bytes
    var line: Int64 = 1
    var rows: [Row] = []
    var columns: Int?
    while !rest.isEmpty {
        let (fields, used, reason, isBlank) = referenceRecord(rest, separator, limits)
        let record = Array(rest.prefix(used))
        var problem = reason
        let isSpread = record.dropLast().contains(10)
        if problem == nil, !isBlank {
            if let columns, fields.count != columns {
                problem = "has \(fields.count) columns, the header has \(columns)"
            } else if record.contains(0) {
                problem = "holds a NUL byte"
            } else if String(validating: record, as: UTF8.self) == nil {
                problem = "is not valid UTF-8"
            } else {
                rows.append(.fields(line: line, fields.map { String(decoding: $0, as: UTF8.self) }))
            }
        }
        if columns == nil, !isBlank { columns = fields.count }
        if let problem { rows.append(.problem(line: line, problem)) }
        let goesToNextLine = reason != nil || (problem?.contains("columns, the") == true && isSpread)
        if goesToNextLine {
            let end = rest.firstIndex(of: 10).map { $0 + 1 } ?? rest.count
            rest = Array(rest.dropFirst(end))
            line += 1
        } else {
            rest = Array(rest.dropFirst(used))
            line += Int64(record.filter { $0 == 10 }.count)
        }
    }
    return rows
}

private func referenceRecord(
    _ bytes: [UInt8], _ separator: UInt8, _ limits: CSVLimits
) -> (fields: [[UInt8]], used: Int, reason: String?, isBlank: Bool) {
    let long = "holds a field longer than \(limits.field) bytes"
    var fields: [[UInt8]] = []
    var i = 0
    func at(_ place: Int) -> UInt8? { place < bytes.count ? bytes[place] : nil }
    while true {
        var field: [UInt8] = []
        var raw = 0
        let isQuoted = at(i) == 0x22
        if isQuoted {
            i += 1
            while true {
                if raw > limits.field { return (fields, 0, "\(long), or a quote that is not closed", false) }
                guard let byte = at(i) else { return (fields, 0, "holds a quote that is not closed", false) }
                if byte == 0x22, at(i + 1) == 0x22 {
                    field.append(0x22)
                    i += 2
                    raw += 2
                } else if byte == 0x22 {
                    i += 1
                    break
                } else {
                    field.append(byte)
                    i += 1
                    raw += 1
                }
            }
            let isAtLineEnd = at(i) == 13 && (at(i + 1) == 10 || i + 1 == bytes.count)
            if isAtLineEnd { i += 1 }
            guard i == bytes.count || at(i) == separator || at(i) == 10 else {
                return (fields, 0, "has text behind a closing quote", false)
            }
        } else {
            while let byte = at(i), byte != separator, byte != 10 {
                field.append(byte)
                i += 1
            }
            let isTooLong = field.count >= limits.field + 2
            if at(i) != separator, field.last == 13 { field.removeLast() }
            if isTooLong || field.count > limits.field { return (fields, 0, long, false) }
        }
        let ends = at(i) != separator
        if i < bytes.count { i += 1 }
        if i > limits.record { return (fields, 0, "is longer than \(limits.record) bytes", false) }
        if fields.count == limits.columns { return (fields, 0, "has more than \(limits.columns) columns", false) }
        fields.append(field)
        if ends { return (fields, i, nil, fields.count == 1 && field.isEmpty && !isQuoted) }
    }
}
