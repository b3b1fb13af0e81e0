// The one place that says which release this is.

/// The server's own version.
public enum ServerVersion {
    /// As `/version` and logs tell it.
    public static let text = "0.6.0"
}
