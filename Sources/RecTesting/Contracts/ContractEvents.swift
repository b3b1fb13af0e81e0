// The events that contracts are checked with.
import RecCore

enum ContractEvents {
    static let start = Timestamp(milliseconds: 1_700_000_000_000)

    static func event(
        _ id: String?, user: String = "user", item: String? = nil, minute: Int = 0, kind: InteractionKind = .view,
        weight: Float = 1
    ) throws -> Interaction {
        try Interaction(
            event: id.map(EventID.init), user: UserID(user), item: ItemID(item ?? "item of \(id ?? "nothing")"),
            kind: kind, timestamp: Timestamp(milliseconds: start.milliseconds + Int64(minute) * 60_000), weight: weight)
    }

    /// Events whose texts and numbers are as odd as the types permit.
    static func odd() throws -> [Interaction] {
        let long = String(repeating: "x", count: 255)
        return [
            try event("it's \"quoted\"", user: "O'Brien; DROP TABLE user; --", item: "100% \\ {a:b}", weight: 0.25),
            try event("🧦-1", user: "ユーザー", item: "čaj / λ", minute: 1, kind: .rating, weight: 4.5),
            try event("long", user: long, item: long, minute: 2, weight: .greatestFiniteMagnitude),
            try Interaction(
                event: EventID("old"), user: UserID("early"), item: ItemID(" "), kind: .purchase,
                timestamp: Timestamp(milliseconds: -62_135_596_800_000), weight: .leastNormalMagnitude),
            try Interaction(
                event: EventID("late"), user: UserID("late"), item: ItemID("0"), kind: .cart,
                timestamp: Timestamp(milliseconds: 253_402_300_799_999)),
        ]
    }
}
