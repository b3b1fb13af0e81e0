// All interactions of a training set: id tables and, for each user, items with confidence, count and last time.

/// History in compressed rows, as training, own-history ranking and explanations need it.
public struct InteractionHistory: Sendable {
    public let users: IDMap
    public let items: IDMap
    /// users x items, confidence.
    public let matrix: InteractionMatrix
    /// Events of each entry of `matrix`.
    public let counts: Column<Float>
    /// Last event of each entry, minutes since 1970.
    public let lastMinutes: Column<Int32>
    /// First and last event.
    public let firstTime: Timestamp
    public let lastTime: Timestamp
    public let eventCount: Int
    /// Events of each item, and the same with old events halved every `popularityHalfLifeDays`.
    public let itemEvents: Column<Float>
    public let itemRecentEvents: Column<Float>

    public static let popularityHalfLifeDays = 2.0
}

/// Collects interactions in any order, then builds the history. Memory: 16 bytes an event and the names.
public struct HistoryBuilder: Sendable {
    private var userRows: [String: Int32] = [:], itemRows: [String: Int32] = [:]
    private var userNames: [String] = [], itemNames: [String] = []
    private var user: [Int32] = [], item: [Int32] = [], minutes: [Int32] = []
    private var kindNumber: [UInt8] = []
    private var kinds: [InteractionKind] = []

    public init() {}

    public var eventCount: Int { user.count }

    static func minutes(of time: Timestamp) -> Int32 {
        Int32(clamping: time.milliseconds / 60_000)
    }

    /// Makes an item known that may have no event, so that it has a row in the model.
    public mutating func add(item id: ItemID) { _ = itemRow(id.rawValue) }

    public mutating func add(_ interaction: Interaction) {
        let name = interaction.user.rawValue
        let row: Int32
        if let known = userRows[name] {
            row = known
        } else {
            row = Int32(userNames.count)
            userRows[name] = row
            userNames.append(name)
        }
        user.append(row)
        item.append(itemRow(interaction.item.rawValue))
        minutes.append(Self.minutes(of: interaction.timestamp))
        let kind: Int
        if let known = kinds.firstIndex(of: interaction.kind) {
            kind = known
        } else if kinds.count < 255 {
            kind = kinds.count
            kinds.append(interaction.kind)
        } else {
            kind = 254
        }
        kindNumber.append(UInt8(kind))
    }

    private mutating func itemRow(_ name: String) -> Int32 {
        if let known = itemRows[name] { return known }
        let row = Int32(itemNames.count)
        itemRows[name] = row
        itemNames.append(name)
        return row
    }

    /// - Parameter now: the moment the history is seen from; `nil` = its last event.
    /// - Complexity: O(events log(events of a user)).
    public func build(_ confidence: ConfidenceModel = ConfidenceModel(), now: Timestamp? = nil) -> InteractionHistory {
        let lastMinute = minutes.max() ?? 0
        let firstMinute = minutes.min() ?? 0
        let end = now ?? Timestamp(milliseconds: Int64(lastMinute) * 60_000)
        var starts = [Int](repeating: 0, count: userNames.count + 1)
        for u in user { starts[Int(u) + 1] += 1 }
        for u in userNames.indices { starts[u + 1] += starts[u] }
        var next = starts
        var order = [Int](repeating: 0, count: user.count)
        for event in user.indices {
            order[next[Int(user[event])]] = event
            next[Int(user[event])] += 1
        }
        var offsets: [Int64] = [0]
        var indices: [Int32] = []
        var values: [Float] = []
        var counts: [Float] = []
        var lasts: [Int32] = []
        offsets.reserveCapacity(userNames.count + 1)
        var itemEvents = [Float](repeating: 0, count: itemNames.count)
        var recent = itemEvents
        let endDays = end.days
        for u in userNames.indices {
            let events = order[starts[u]..<starts[u + 1]].sorted {
                (item[$0], minutes[$0], $0) < (item[$1], minutes[$1], $1)
            }
            var place = 0
            while place < events.count {
                let column = item[events[place]]
                var sum = 0.0
                var count: Float = 0
                var last = Int32.min
                while place < events.count, item[events[place]] == column {
                    let event = events[place]
                    let time = Timestamp(milliseconds: Int64(minutes[event]) * 60_000)
                    let weight = confidence.weight(of: kinds[Int(kindNumber[event])], at: time, now: end)
                    place += 1
                    guard weight > 0 else { continue }
                    sum += weight
                    count += 1
                    last = max(last, minutes[event])
                    itemEvents[Int(column)] += 1
                    recent[Int(column)] += Float(
                        exp2Of(-max(0, endDays - time.days) / InteractionHistory.popularityHalfLifeDays))
                }
                guard count > 0 else { continue }
                indices.append(column)
                values.append(confidence.confidence(ofSum: sum))
                counts.append(count)
                lasts.append(last)
            }
            offsets.append(Int64(indices.count))
        }
        return InteractionHistory(
            users: IDMap(userNames), items: IDMap(itemNames),
            matrix: InteractionMatrix(
                rows: userNames.count, columns: itemNames.count, offsets: Column(offsets), indices: Column(indices),
                values: Column(values)),
            counts: Column(counts), lastMinutes: Column(lasts),
            firstTime: Timestamp(milliseconds: Int64(firstMinute) * 60_000), lastTime: end,
            eventCount: user.count, itemEvents: Column(itemEvents), itemRecentEvents: Column(recent))
    }
}
