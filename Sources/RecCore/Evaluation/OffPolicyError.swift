// What is wrong with the input of an off-policy estimate.

/// Why a logged slate, settings or a reward model cannot be made. The text names the figure and where it stands.
public enum OffPolicyError: Error, Sendable, Hashable, CustomStringConvertible {
    /// A logged slate that no log can hold.
    case slate(String)
    /// Settings of a reward model that are out of range.
    case settings(String)
    /// Observations that a reward model cannot be fitted on.
    case observations(String)

    public var description: String {
        switch self {
        case .slate(let text), .settings(let text), .observations(let text): text
        }
    }
}
