// Why a program stops, in one line for a person.

/// What is missing and what to do about it; not a mistake in the command line.
public struct CannotGoOn: Error, CustomStringConvertible {
    public let description: String
    /// - Parameter description: a sentence for the person at the terminal.
    public init(_ description: String) { self.description = description }
}
