// The one place that says which release this is.

/// The version of the platform: of the libraries and of the programs, which are released together.
public enum PlatformVersion {
    /// As `--version` of the programs, `/version` of a server and its logs tell it: three numbers of semantic versioning.
    public static let text = "0.6.0"
}
