// What can go wrong with a file that was handed in or is to be written.

/// A failure of a file as a whole. Single bad lines are not errors: they are counted and reported with their line number.
public struct FileError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The kind of failure.
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        public let description: String
        private init(_ description: String) { self.description = description }
        /// There is no such file or folder, or the folder holds nothing to read.
        public static let notFound = Code("not found")
        /// The system refused to read it.
        public static let unreadable = Code("unreadable")
        /// The system refused to write it.
        public static let unwritable = Code("unwritable")
        /// It holds nothing, not even a header line.
        public static let empty = Code("empty")
        /// Its compressed form is cut off or damaged.
        public static let corrupt = Code("corrupt")
        /// The header line cannot be read, or lacks a column that is needed.
        public static let badHeader = Code("bad header")
        /// Another content, or the same content with other options, was loaded under this name before.
        public static let changed = Code("changed")
        /// What was asked for cannot be told from the files given.
        public static let ambiguous = Code("ambiguous")
        /// A file that would be overwritten is there already.
        public static let exists = Code("exists")
    }
    /// What kind of failure it is.
    public let code: Code
    /// The path as it was given.
    public let file: String
    /// The line reached, where that helps.
    public let line: Int64?
    /// What was found, in words for an operator; no content of the file but its header.
    public let reason: String

    /// - Parameters:
    ///   - code: what a caller decides by.
    ///   - file: the path as it was given.
    ///   - line: the line reached, where that helps.
    ///   - reason: what was found.
    public init(_ code: Code, file: String, line: Int64? = nil, reason: String) {
        (self.code, self.file, self.line, self.reason) = (code, file, line, reason)
    }
    public var description: String { "\(file)\(line.map { ": line \($0)" } ?? ""): \(reason)" }

    func reached(line: Int64) -> FileError {
        FileError(code, file: file, line: self.line ?? line, reason: reason)
    }
}
