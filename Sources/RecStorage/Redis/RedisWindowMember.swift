// How an event lies in a user's sorted set.
import RecCore

/// One event as a member of the user's sorted set, whose score is the time in milliseconds (exact in a double: below
/// 2^53).
///
/// A member is `event US item US kind`, and `US weight` where the weight is not 1. US is the byte 31, which no name may
/// hold and which sorts before every byte that one may: members of equal score lie in the order of their event ids. The
/// usual kinds are one capital letter. Members of at most 64 bytes keep the set in Redis' compact encoding, a fifth of
/// the memory.
enum RedisWindowMember {
    private static let separator: UInt8 = 31

    private static let letters: [(kind: InteractionKind, letter: UInt8)] = [
        (.view, UInt8(ascii: "V")), (.click, UInt8(ascii: "K")), (.cart, UInt8(ascii: "C")),
        (.purchase, UInt8(ascii: "P")), (.rating, UInt8(ascii: "R")), (.dislike, UInt8(ascii: "D")),
    ]
    private static let letterOfKind = Dictionary(uniqueKeysWithValues: letters.map { ($0.kind, $0.letter) })
    private static let kindOfLetter = Dictionary(uniqueKeysWithValues: letters.map { ($0.letter, $0.kind) })

    /// Appends the member of an event.
    static func write(_ interaction: Interaction, event: EventID, to bytes: inout [UInt8]) {
        bytes.append(contentsOf: event.rawValue.utf8)
        bytes.append(separator)
        bytes.append(contentsOf: interaction.item.rawValue.utf8)
        bytes.append(separator)
        if let letter = letterOfKind[interaction.kind] {
            bytes.append(letter)
        } else {
            bytes.append(contentsOf: interaction.kind.rawValue.utf8)
        }
        if interaction.weight != 1 {
            bytes.append(separator)
            // The shortest text that reads back as the same number.
            bytes.append(contentsOf: interaction.weight.description.utf8)
        }
    }

    /// The event of a member and its score; `nil` when they are not what ``write(_:event:to:)`` makes.
    static func read(_ member: [UInt8], score: [UInt8], user: UserID) -> Interaction? {
        let parts = member.split(separator: separator, omittingEmptySubsequences: false)
        guard (3...4).contains(parts.count),
            let event = String(validating: parts[0], as: UTF8.self),
            let item = String(validating: parts[1], as: UTF8.self),
            let kind = kind(of: parts[2]),
            let time = Int64(String(decoding: score, as: UTF8.self))
        else { return nil }
        var weight: Float = 1
        if parts.count == 4 {
            guard let read = Float(String(decoding: parts[3], as: UTF8.self)) else { return nil }
            weight = read
        }
        return try? Interaction(
            event: EventID(event), user: user, item: ItemID(item), kind: kind, timestamp: Timestamp(milliseconds: time),
            weight: weight)
    }

    private static func kind(of bytes: ArraySlice<UInt8>) -> InteractionKind? {
        if bytes.count == 1, let letter = bytes.first, let kind = kindOfLetter[letter] { return kind }
        return InteractionKind(String(decoding: bytes, as: UTF8.self))
    }
}
