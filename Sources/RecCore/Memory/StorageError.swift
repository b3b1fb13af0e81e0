// What can go wrong between the engine and a store.

/// A failure of a store. Texts never hold user data or secrets.
public struct StorageError: Error, Sendable, CustomStringConvertible {
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
    public let code: Code
    /// What was tried, as `sessions.record`.
    public let operation: String
    /// What was found, in words for an operator.
    public let reason: String
    public var isRetryable: Bool { code == .unavailable || code == .timeout }

    public init(_ code: Code, operation: String, reason: String) {
        (self.code, self.operation, self.reason) = (code, operation, reason)
    }
    public var description: String { "\(operation): \(code): \(reason)" }
}
