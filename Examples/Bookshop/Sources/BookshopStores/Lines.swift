// How the engine's values stand in the shop's files. The engine's types know no format; each edge has its own.
import RecCore

struct EventLine: Codable {
    var event: String?
    let user: String
    let item: String
    let kind: String
    let milliseconds: Int64
    /// As a `Double`, whose text brings every `Float` back.
    let weight: Double
    var answer: String?

    init(_ interaction: Interaction) {
        (event, user, item) = (interaction.event?.rawValue, interaction.user.rawValue, interaction.item.rawValue)
        (kind, milliseconds) = (interaction.kind.rawValue, interaction.timestamp.milliseconds)
        (weight, answer) = (Double(interaction.weight), interaction.recommendation)
    }

    /// `nil` when somebody changed the file into something that is no event.
    var interaction: Interaction? {
        guard let kind = InteractionKind(kind) else { return nil }
        return try? Interaction(
            event: event.map(EventID.init), user: UserID(user), item: ItemID(item), kind: kind,
            timestamp: Timestamp(milliseconds: milliseconds), weight: Float(weight), recommendation: answer)
    }
}

struct PositionLine: Codable {
    let source: String
    let fingerprint: String
    let records: Int64
    let rejected: Int64

    init(_ position: SourcePosition) {
        (source, fingerprint) = (position.source, position.fingerprint)
        (records, rejected) = (position.records, position.rejected)
    }

    var position: SourcePosition {
        SourcePosition(source: source, fingerprint: fingerprint, records: records, rejected: rejected)
    }
}

/// A book of the list or a reader: an id and what is said of it; `attributes` is `nil` for one that was removed.
struct EntryLine: Codable {
    let id: String
    var attributes: [String: String]?
    var isHidden: Bool?
}
