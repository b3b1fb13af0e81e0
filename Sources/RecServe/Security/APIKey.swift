// Keys of callers: what they may do, and how they are known without being kept.
import Crypto
import Foundation
import Synchronization

/// What a key permits.
public enum Scope: String, Sendable, CaseIterable {
    /// Ask for recommendations.
    case recommend
    /// Send events.
    case events
    /// Add, change and remove items and users.
    case catalogue
    /// Activate models and step back.
    case admin
}

/// The digest of a key, and what the key permits. Keys themselves are nowhere kept: 32 random bytes cannot be guessed from their
/// SHA-256, however fast it is.
public struct APIKey: Sendable {
    /// Who uses it; stands in logs.
    public let name: String
    /// 32 bytes.
    let digest: [UInt8]
    /// What its holder may do.
    public let scopes: Set<Scope>

    /// A line of a file of keys: name, SHA-256 of the key in hexadecimal digits, scopes separated by commas.
    /// - Throws: what is wrong with it; never the line itself.
    init(line: Substring) throws(InvalidKeys) {
        let words = line.split(whereSeparator: \.isWhitespace)
        guard words.count == 3 else { throw InvalidKeys("is not a name, a digest and scopes") }
        guard words[0].utf8.count <= 64 else { throw InvalidKeys("has a name of more than 64 bytes") }
        name = String(words[0])
        var bytes: [UInt8] = []
        var rest = words[1].utf8[...]
        while let high = rest.popFirst().flatMap(hexadecimalDigit) {
            guard let low = rest.popFirst().flatMap(hexadecimalDigit) else { break }
            bytes.append(high << 4 | low)
        }
        guard words[1].utf8.count == 64, bytes.count == 32 else {
            throw InvalidKeys("has a digest that is not 64 hexadecimal digits")
        }
        digest = bytes
        var scopes: Set<Scope> = []
        for word in words[2].split(separator: ",") {
            guard let scope = Scope(rawValue: String(word)) else {
                throw InvalidKeys("has a scope that is none of \(Scope.allNames)")
            }
            scopes.insert(scope)
        }
        self.scopes = scopes
    }

    /// A new key and the line for the file of keys. The key is shown once, to the one who made it.
    public static func make(name: String, scopes: Set<Scope>) -> (key: String, line: String) {
        var generator = SystemRandomNumberGenerator()
        let bytes = (0..<32).map { _ in UInt8.random(in: 0...255, using: &generator) }
        let key =
            "rec_"
            + Data(bytes).base64EncodedString()
            .replacingOccurrences(of: "+", with: "-").replacingOccurrences(of: "/", with: "_")
            .replacingOccurrences(of: "=", with: "")
        let digest = SHA256.hash(data: Data(key.utf8)).map { byte in
            let text = String(byte, radix: 16)
            return text.count == 1 ? "0" + text : text
        }.joined()
        return (key, "\(name) \(digest) \(scopes.map(\.rawValue).sorted().joined(separator: ","))")
    }
}

extension Scope {
    /// All scopes, for messages.
    public static var allNames: String { allCases.map(\.rawValue).joined(separator: ", ") }
}

/// What is wrong with a file of keys.
public struct InvalidKeys: Error, Hashable, Sendable, CustomStringConvertible {
    public let description: String
    let fault: Fault
    init(_ description: String, _ fault: Fault = .unreadable) { (self.description, self.fault) = (description, fault) }

    enum Fault: String { case unreadable, empty, gone }
}
