// The keys that are good now, from a file that may change while the server runs.
import Crypto
import Foundation
import Synchronization

/// Keys of a file with a line for each; empty lines and lines that begin with `#` are passed over.
///
/// Two keys may have one name: that is how a key is replaced. Add the new line, let the caller change over, remove the old one; the
/// server reads the file again by itself.
public final class KeyRing: Sendable {
    private let path: String
    private let keys: Mutex<[APIKey]>

    /// - Throws: ``InvalidKeys`` with the line that is wrong.
    public init(path: String) throws(InvalidKeys) {
        self.path = path
        keys = Mutex(try Self.read(path))
    }

    /// Reads the file again; keys that are not in it any more are good no more.
    /// - Throws: ``InvalidKeys``; the keys then stay as they are.
    func reload() throws(InvalidKeys) {
        let new = try Self.read(path)
        keys.withLock { $0 = new }
    }

    /// Makes no key good, until the file is read again.
    func revokeAll() { keys.withLock { $0 = [] } }

    var count: Int { keys.withLock { $0.count } }

    /// The key that a caller showed.
    ///
    /// Digests are compared without an end before the last byte, and with every key: the time tells nothing of how near a guess was.
    func key(for secret: String) -> APIKey? {
        let given = SHA256.hash(data: Data(secret.utf8))
        var found: APIKey?
        for key in keys.withLock({ $0 }) {
            // `==` between a digest and bytes takes the same time for all bytes of one length.
            if given == key.digest { found = key }
        }
        return found
    }

    private static func read(_ path: String) throws(InvalidKeys) -> [APIKey] {
        guard let data = FileManager.default.contents(atPath: path), let text = String(validating: data, as: UTF8.self)
        else {
            if access(path, F_OK) != 0, errno == ENOENT { throw InvalidKeys("\(path) is not there", .gone) }
            throw InvalidKeys("\(path) cannot be read as text")
        }
        // Secrets of containers are links to the file.
        let file = URL(fileURLWithPath: path).resolvingSymlinksInPath().path
        let mode = (try? FileManager.default.attributesOfItem(atPath: file))?[.posixPermissions] as? Int
        // Who can write it can make keys; that others may read digests does no harm.
        if let mode, mode & 0o022 != 0 {
            throw InvalidKeys("\(path) can be written by others: chmod go-w it")
        }
        var keys: [APIKey] = []
        for (number, line) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated() {
            let line = line.drop(while: \.isWhitespace)
            if line.isEmpty || line.hasPrefix("#") { continue }
            do {
                keys.append(try APIKey(line: line))
            } catch {
                throw InvalidKeys("\(path) line \(number + 1) \(error)")
            }
        }
        guard !keys.isEmpty else {
            throw InvalidKeys("\(path) holds no key; make one with rec-serve --make-key NAME", .empty)
        }
        return keys
    }
}
