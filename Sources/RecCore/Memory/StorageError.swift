// What can go wrong between the engine and a store.

/// A failure of a store. Texts never hold user data or secrets.
public struct StorageError: Error, Sendable, CustomStringConvertible {
    /// What kind of failure it is, and so what may help. More may be added: compare, do not list.
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        public let description: String
        private init(_ description: String) { self.description = description }
        /// The store cannot be reached now; the same call may succeed later.
        public static let unavailable = Code("unavailable")
        /// The store did not answer in time; the effect is unknown.
        public static let timeout = Code("timeout")
        /// The store holds something that cannot be read.
        public static let corrupt = Code("corrupt")
        /// No room left.
        public static let full = Code("full")
        /// The request does not fit what the store holds (wrong checkpoint, unknown version).
        public static let conflict = Code("conflict")
        /// What was asked for is not there.
        public static let notFound = Code("not found")
        /// The data handed in was refused.
        public static let rejected = Code("rejected")
    }
    /// What kind of failure it is.
    public let code: Code
    /// What was tried, as `sessions.record`.
    public let operation: String
    /// What was found, in words for an operator.
    public let reason: String
    /// Whether the same call may succeed later: `.unavailable` and `.timeout`. A write that timed out may have taken
    /// effect.
    public var isRetryable: Bool { code == .unavailable || code == .timeout }

    /// - Parameters:
    ///   - code: what a caller decides by.
    ///   - operation: port and call, as `sessions.record`.
    ///   - reason: what was found, without user data or secrets.
    public init(_ code: Code, operation: String, reason: String) {
        (self.code, self.operation, self.reason) = (code, operation, reason)
    }
    public var description: String { "\(operation): \(code): \(reason)" }
}
