// Commands for one round trip, as bytes, and the answers to them.

/// Commands that are sent together. Arguments are bytes with lengths: nothing in them is ever read as part of a
/// command.
struct RedisPipeline: Sendable {
    struct Command: Sendable {
        /// The script to run, by its number in the client's list; `nil` = the arguments are the whole command.
        let script: Int?
        let arguments: Range<Int>
    }

    private(set) var bytes: [UInt8] = []
    /// Where each argument ends in `bytes`; it begins where the one before ends.
    private(set) var ends: [Int] = []
    private(set) var commands: [Command] = []

    /// Adds a command whose words are `words`.
    mutating func add(_ words: [String]) {
        add(script: nil) { arguments in
            for word in words { arguments.add(word) }
        }
    }

    /// Adds a command, or a run of a script, with the arguments that `write` gives.
    mutating func add(script: Int? = nil, _ write: (inout Arguments) -> Void) {
        let first = ends.count
        var arguments = Arguments(bytes: bytes, ends: ends)
        (bytes, ends) = ([], [])
        write(&arguments)
        (bytes, ends) = (arguments.bytes, arguments.ends)
        commands.append(Command(script: script, arguments: first..<ends.count))
    }

    /// The arguments of one command, behind those of the commands before.
    struct Arguments {
        fileprivate(set) var bytes: [UInt8]
        fileprivate(set) var ends: [Int]

        mutating func add(_ text: String) {
            bytes.append(contentsOf: text.utf8)
            ends.append(bytes.count)
        }

        /// Adds one argument that `write` appends to the bytes.
        mutating func add(_ write: (inout [UInt8]) -> Void) {
            write(&bytes)
            ends.append(bytes.count)
        }
    }
}

/// What a server answered to one command.
enum RedisReply: Sendable, Equatable {
    case text([UInt8])
    case integer(Int64)
    case array([RedisReply])
    case null
    /// `OK` and its like.
    case status([UInt8])
    /// The error's first word. The rest is not kept: it may repeat arguments, which hold names of users.
    case error(RedisErrorWord)
}

/// The word that a server's error begins with, such as `NOSCRIPT`.
struct RedisErrorWord: Sendable, Hashable, CustomStringConvertible {
    let description: String

    static let noScript = RedisErrorWord("NOSCRIPT")

    private init(_ description: String) { self.description = description }

    /// Before version 7 the errors of commands within scripts stand behind a sentence: `ERR Error running script (...):
    /// @user_script:3: -OOM command not allowed`.
    init(of message: some Collection<UInt8>) {
        let words = message.prefix(512).split(separator: UInt8(ascii: " ")).map { String(decoding: $0, as: UTF8.self) }
        let inner = words.first { $0.hasPrefix("-") && Self.isWord($0.dropFirst()) }?.dropFirst()
        let first = words.first.flatMap { Self.isWord($0[...]) ? $0[...] : nil } ?? "ERR"
        description = first == "ERR" ? String(inner ?? first) : String(first)
    }

    private static func isWord(_ text: Substring) -> Bool {
        (1...32).contains(text.utf8.count) && text.utf8.allSatisfy { (65...90).contains($0) }
    }
}
