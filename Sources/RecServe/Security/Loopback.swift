// Which names and addresses are this machine's own.

/// Names under which only programs of this machine reach a server, and that no foreign server of names can give away.
enum Loopback {
    /// `localhost`, `127.0.0.0/8`, `::1`, the last with or without brackets.
    static func isName(_ host: some StringProtocol) -> Bool {
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        let isIPv4 =
            parts.count == 4 && parts[0] == "127"
            && parts.allSatisfy { part in part.utf8.allSatisfy { (48...57).contains($0) } && UInt8(part) != nil }
        return isIPv4 || ["::1", "[::1]", "localhost"].contains(host.lowercased())
    }

    /// The same with a port behind it or without one, as it stands in `Host` (RFC 9110, section 7.2); an address of six has brackets there.
    static func isAuthority(_ text: String) -> Bool {
        var host = text[...]
        if let colon = text.lastIndex(of: ":"), !text.hasSuffix("]") {
            guard text[text.index(after: colon)...].utf8.allSatisfy({ (48...57).contains($0) }) else { return false }
            host = text[..<colon]
        }
        return isName(host) && host != "::1"
    }
}
