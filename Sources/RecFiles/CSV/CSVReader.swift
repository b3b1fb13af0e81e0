// A streaming CSV reader that gives out fields as bytes of its own buffer.

/// Reads records one after the other, in bounded memory, and survives whatever stands in the file.
///
/// Fields may be quoted and then hold separators, line ends and doubled quotes. A quote inside an unquoted field is an
/// ordinary character. Lines end with LF or CRLF; lines that hold nothing are passed over; a BOM is passed over.
/// A record that cannot be used is a ``CSVProblem``, and reading goes on at the line behind the one where it began: a quote
/// that is never closed costs that one line, however far its text seemed to reach.
///
/// ```swift
/// let reader = try CSVReader(path: "transactions.csv.gz")
/// let header = try reader.readHeader()
/// while let step = try reader.next() {
///     if case .record = step { use(reader.text(1)) }
/// }
/// ```
public final class CSVReader {
    /// What ``next()`` found.
    public enum Step: Sendable, Hashable {
        /// A record; its fields are read from the reader until the next call.
        case record
        /// A record that cannot be used.
        case problem(CSVProblem)
    }

    /// Line on which the record of the last ``next()`` begins, from 1.
    public private(set) var line: Int64 = 1
    /// Names of the columns, after ``readHeader()``.
    public private(set) var header: [String] = []

    private let source: ByteSource
    private let scanner: CSVScanner
    private var buffer: [UInt8] = []
    /// Where the next record begins in `buffer`.
    private var start = 0
    private var nextLine: Int64 = 1
    private var isAtEnd = false
    private var columns: Int?
    private var fields: [CSVScanner.Field] = []

    /// - Parameters:
    ///   - path: a regular file, plain or gzip.
    ///   - separator: what stands between two fields.
    ///   - limits: beyond which a record is a problem.
    ///   - blockSize: bytes read at a time.
    /// - Throws: ``FileError`` when it cannot be opened.
    public init(
        path: String, separator: CSVSeparator = .comma, limits: CSVLimits = CSVLimits(), blockSize: Int = 262_144
    ) throws(FileError) {
        source = try ByteSource(path: path, blockSize: blockSize)
        scanner = CSVScanner(separator: separator.rawValue, limits: limits)
        while buffer.count < 3, !isAtEnd { try refill() }
        if buffer.starts(with: [0xef, 0xbb, 0xbf]) { start = 3 }
    }

    /// The path as it was given.
    public var path: String { source.path }
    /// Bytes of the file read so far and in all, for progress (compressed ones for gzip).
    public var bytes: (read: Int64, total: Int64) { (source.bytesRead, source.size) }

    /// Reads the first record as column names; every later record must have as many fields.
    /// - Throws: ``FileError``: the file is empty, or its first line is not a header.
    public func readHeader() throws(FileError) -> [String] {
        switch try next() {
        case nil:
            throw FileError(.empty, file: path, reason: "is empty: not even a header line")
        case .problem(let problem):
            throw FileError(.badHeader, file: path, line: problem.line, reason: "the header \(problem.reason)")
        case .record:
            header = fields.indices.map { text($0).trimmingSpaces() }
            columns = header.count
            return header
        }
    }

    /// The next record or problem; `nil` at the end of the file.
    /// - Throws: ``FileError``: the file cannot be read on, with the line reached.
    public func next() throws(FileError) -> Step? {
        while true {
            if start == buffer.count {
                if isAtEnd { return nil }
                try refill()
                continue
            }
            line = nextLine
            switch scanner.scan(buffer, from: start, isLast: isAtEnd, into: &fields) {
            case .needsMore:
                try refill()
            case .blank(let next):
                start = next
                nextLine += 1
            case .problem(let reason):
                try skipLine()
                return .problem(CSVProblem(line: line, reason: reason))
            case .record(let record):
                return try accept(record)
            }
        }
    }

    /// How many fields the record has.
    public var fieldCount: Int { fields.count }

    /// The bytes of a field, valid UTF-8, until the next call of ``next()``. A column that is not there is empty.
    public func bytes(_ column: Int) -> ArraySlice<UInt8> {
        guard fields.indices.contains(column) else { return [] }
        return buffer[fields[column].start..<fields[column].end]
    }

    /// The text of a field. A column that is not there is empty.
    public func text(_ column: Int) -> String { String(decoding: bytes(column), as: UTF8.self) }

    private func accept(_ record: CSVScanner.Record) throws(FileError) -> Step {
        if let columns, fields.count != columns {
            let problem = CSVProblem(line: line, reason: "has \(fields.count) columns, the header has \(columns)")
            // Over several lines this may be two stray quotes: the lines between them deserve a reading of their own.
            if record.lines > 1 { try skipLine() } else { advance(record) }
            return .problem(problem)
        }
        let range = start..<record.next
        advance(record)
        if record.hasNUL { return .problem(CSVProblem(line: line, reason: "holds a NUL byte")) }
        if record.isBeyondASCII, String(validating: buffer[range], as: UTF8.self) == nil {
            return .problem(CSVProblem(line: line, reason: "is not valid UTF-8"))
        }
        if record.hasDoubledQuotes { joinDoubledQuotes() }
        return .record
    }

    private func advance(_ record: CSVScanner.Record) {
        start = record.next
        nextLine += Int64(record.lines)
    }

    private func joinDoubledQuotes() {
        for index in fields.indices where fields[index].hasDoubledQuotes {
            var target = fields[index].start
            var from = target
            let end = fields[index].end
            while from < end {
                buffer[target] = buffer[from]
                from += buffer[from] == CSVScanner.quote ? 2 : 1
                target += 1
            }
            fields[index].end = target
        }
    }

    /// Goes to the line behind the one where the current record began.
    private func skipLine() throws(FileError) {
        while true {
            if let end = buffer[start...].firstIndex(of: CSVScanner.lineFeed) {
                start = end + 1
                nextLine = line + 1
                return
            }
            start = buffer.count
            if isAtEnd { return }
            try refill()
        }
    }

    private func refill() throws(FileError) {
        buffer.removeSubrange(0..<start)
        start = 0
        do {
            if try source.append(to: &buffer) == 0 { isAtEnd = true }
        } catch {
            throw error.reached(line: nextLine)
        }
    }
}

extension String {
    func trimmingSpaces() -> String {
        let isSpace: (Character) -> Bool = { $0 == " " || $0 == "\t" }
        return String(drop(while: isSpace).reversed().drop(while: isSpace).reversed())
    }
}
