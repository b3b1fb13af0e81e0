// The part of a URI behind the question mark.
import RecCore

/// Strict: a parameter that is unknown, given twice or not percent-encoded UTF-8 is an error.
struct QueryParameters {
    /// Values as they came, not decoded.
    private var raw: [String: Substring] = [:]
    private var decoded: [String: String] = [:]

    init(_ query: String?, allowed: Set<String>) throws(Problem) {
        for pair in (query ?? "").split(separator: "&") {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = percentDecoded(parts[0], plusIsSpace: true), allowed.contains(name) else {
                throw .invalid(
                    "is not a parameter; there are \(allowed.sorted().joined(separator: ", "))",
                    parameter: String(parts[0].prefix(64)))
            }
            guard raw[name] == nil else { throw .invalid("is given twice", parameter: name) }
            let value = parts.count > 1 ? parts[1] : ""
            guard let text = percentDecoded(value, plusIsSpace: true) else {
                throw .invalid("is not percent-encoded UTF-8", parameter: name)
            }
            (raw[name], decoded[name]) = (value, text)
        }
    }

    subscript(name: String) -> String? { decoded[name] }

    /// Ids separated by commas; a comma inside an id is written `%2C`.
    func list(_ name: String, limit: Int) throws(Problem) -> [String] {
        guard let value = raw[name], !value.isEmpty else { return [] }
        let parts = value.split(separator: ",", omittingEmptySubsequences: false)
        guard parts.count <= limit else { throw .invalid("has more than \(limit) ids", parameter: name) }
        var ids: [String] = []
        for part in parts {
            guard let id = percentDecoded(part, plusIsSpace: true) else {
                throw .invalid("is not percent-encoded UTF-8", parameter: name)
            }
            if let fault = IdentifierRule.fault(id) { throw .invalid("holds an id that \(fault)", parameter: name) }
            ids.append(id)
        }
        return ids
    }
}

/// `nil` when a `%` is not followed by two hexadecimal digits, or the bytes are not UTF-8.
func percentDecoded(_ text: Substring, plusIsSpace: Bool) -> String? {
    var bytes: [UInt8] = []
    var rest = text.utf8[...]
    while let byte = rest.popFirst() {
        switch byte {
        case UInt8(ascii: "%"):
            guard let high = rest.popFirst().flatMap(hexadecimalDigit),
                let low = rest.popFirst().flatMap(hexadecimalDigit)
            else { return nil }
            bytes.append(high << 4 | low)
        case UInt8(ascii: "+") where plusIsSpace: bytes.append(UInt8(ascii: " "))
        default: bytes.append(byte)
        }
    }
    return String(validating: bytes, as: UTF8.self)
}
