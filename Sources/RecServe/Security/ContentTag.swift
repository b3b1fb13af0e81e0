// Entity tags: what a client holds is good as long as the bytes are the same.
import Crypto
import Foundation

/// A strong entity tag (RFC 9110, section 8.8.3).
struct ContentTag: Hashable, Sendable {
    /// With its quotation marks.
    let text: String

    init(of bytes: [UInt8]) {
        let digest = SHA256.hash(data: Data(bytes)).prefix(12)
        text = "\"" + Data(digest).base64EncodedString() + "\""
    }

    /// Whether an `If-None-Match` names it.
    func isNamed(by header: String?) -> Bool {
        guard let header else { return false }
        return header == "*"
            || header.split(separator: ",").contains { part in
                let tag = part.trimmingCharacters(in: .whitespaces)
                return tag == text || tag == "W/" + text
            }
    }
}
