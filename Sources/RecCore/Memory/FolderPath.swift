// The folder that a path lies in, told from its text.

package enum FolderPath {
    /// What stands before the last part of a path: "." where nothing does, "/" at the root. The file system is not asked, and nothing is
    /// expanded or looked up, as in the system's own calls.
    ///
    /// Foundation has two that do: NSString's deletingLastPathComponent ends the process where a path has one letter, and URL reads a
    /// leading tilde as somebody's home.
    package static func above(_ path: String) -> String {
        let slash = UInt8(ascii: "/")
        func withoutSlashes(_ bytes: Substring.UTF8View) -> Substring.UTF8View {
            var bytes = bytes
            while bytes.last == slash { bytes.removeLast() }
            return bytes
        }
        let bytes = withoutSlashes(path[...].utf8)
        guard let last = bytes.lastIndex(of: slash) else { return bytes.isEmpty && !path.isEmpty ? "/" : "." }
        let above = withoutSlashes(bytes[..<last])
        return above.isEmpty ? "/" : String(Substring(above))
    }
}
