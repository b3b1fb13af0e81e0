// What a contract reports of an implementation that breaks a promise.

/// A promise of a port that an implementation broke.
public struct ContractViolation: Error, Sendable, CustomStringConvertible {
    /// The port, such as `SessionStore`.
    public let port: String
    /// The promise, in a sentence.
    public let promise: String
    /// What was found instead.
    public let found: String
    public var description: String { "\(port): \(promise) (found: \(found))" }
}

/// Checks of one port; each names the promise that it checks.
struct ContractCheck {
    let port: String

    func expect(_ promise: String, _ holds: Bool, found: @autoclosure () -> String) throws {
        guard holds else { throw ContractViolation(port: port, promise: promise, found: found()) }
    }

    func expect<Value: Equatable>(_ promise: String, _ value: Value, is expected: Value) throws {
        guard value == expected else {
            throw ContractViolation(port: port, promise: promise, found: "\(value) in place of \(expected)")
        }
    }
}
