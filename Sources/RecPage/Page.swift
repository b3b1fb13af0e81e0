// The web page of the demonstrator: its files, held in the program.

/// A file of the page.
public struct PageFile: Sendable {
    /// Flat: letters, digits, dashes and one dot.
    public let name: String
    public let bytes: [UInt8]
}
