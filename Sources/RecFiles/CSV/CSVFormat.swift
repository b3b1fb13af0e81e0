// The dialect and the limits of a CSV file, and what can be wrong with one record.

/// What stands between two fields.
public enum CSVSeparator: UInt8, Sendable, CaseIterable {
    /// The usual one.
    case comma = 0x2c
    /// Tab-separated files, `.tsv`.
    case tab = 0x09
    /// What spreadsheets write where the comma stands in numbers.
    case semicolon = 0x3b

    /// From the character itself or its English name; `nil` for anything else.
    public init?(_ text: String) {
        switch text.lowercased() {
        case ",", "comma": self = .comma
        case "\t", "\\t", "tab": self = .tab
        case ";", "semicolon": self = .semicolon
        default: return nil
        }
    }

    /// The name, as the command line takes it.
    public var name: String {
        switch self {
        case .comma: "comma"
        case .tab: "tab"
        case .semicolon: "semicolon"
        }
    }
}

/// How much one record may hold. What is beyond is a problem of that record, not of the file.
public struct CSVLimits: Sendable, Hashable {
    /// Bytes of one field.
    public var field: Int
    /// Bytes of one record; the last field may reach beyond by its own limit.
    public var record: Int
    /// Fields of one record.
    public var columns: Int
    /// Limits below 1 become 1. A record beyond one of them is a ``CSVProblem``.
    public init(field: Int = 65_536, record: Int = 1_048_576, columns: Int = 4_096) {
        (self.field, self.record, self.columns) = (max(1, field), max(1, record), max(1, columns))
    }
}

/// Why one record cannot be used.
public struct CSVProblem: Sendable, Hashable {
    /// Line of the file where the record begins, from 1.
    public let line: Int64
    /// What is wrong, without any of the content.
    public let reason: String
    /// - Parameters:
    ///   - line: on which the record begins, from 1.
    ///   - reason: without any of the content.
    public init(line: Int64, reason: String) { (self.line, self.reason) = (line, reason) }
}
