// Policies on a command line.
import ArgumentParser
import RecCore

/// Reads what follows `--policy`.
public enum PolicyArgument {
    /// - Throws: `ValidationError` that says what a policy looks like.
    public static func parse(_ text: String) throws -> PolicyChoice {
        do throws(InvalidPolicy) { return try PolicyChoice(text) } catch {
            throw ValidationError("\(error); it is \(PolicyChoice.grammar)")
        }
    }
}
