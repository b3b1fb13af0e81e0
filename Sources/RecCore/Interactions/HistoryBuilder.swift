// From interactions in any order to a history.
import Dispatch

/// Collects interactions in any order, then builds the history. Memory: 13 bytes an event and the names.
public struct HistoryBuilder: Sendable {
    /// Users by name and the user of each event, until events are grouped.
    private var users = NameTable()
    private var user: [Int32] = []
    private var items = NameTable()
    private(set) var item: [Int32] = [], minutes: [Int32] = []
    private(set) var kindNumber: [UInt8] = []
    /// What an event of a kind weighs; kinds not named weigh 1. Splits ask for the heavy ones.
    public var kindWeights = ConfidenceModel().kindWeights
    /// Rows of items that the catalogue lists, whether they have events or not.
    private var listed: Set<Int32> = []
    /// Kinds of the events added.
    public private(set) var kinds: [InteractionKind] = []
    /// There when events stand by user, and a user's by item, time and kind.
    private var groups: Groups?

    private struct Groups {
        /// Number of each user's first event, and behind them the number of events.
        let starts: [Int]
        let users: IDMap
        let items: IDMap
    }

    /// A builder without events.
    public init() {}

    /// - Parameter capacity: events to make room for at once, at most 2^32.
    public init(capacity: Int) {
        let capacity = min(max(0, capacity), 1 << 32)
        user.reserveCapacity(capacity)
        item.reserveCapacity(capacity)
        minutes.reserveCapacity(capacity)
        kindNumber.reserveCapacity(capacity)
    }

    /// Events added so far, repetitions included.
    public var eventCount: Int { item.count }
    var userCount: Int { groups?.users.count ?? users.count }
    var itemCount: Int { items.count }

    /// Users by row.
    public var userIDs: [UserID] {
        groups.map { groups in (0..<groups.users.count).map { UserID(groups.users.name(of: $0)) } }
            ?? users.names.map(UserID.init)
    }

    /// Items by row.
    public var itemIDs: [ItemID] { items.names.map(ItemID.init) }

    /// Whole days since 1970-01-01, also before it.
    static func day(_ minutes: Int32) -> Int32 {
        let minutes = Int(minutes)
        return Int32((minutes >= 0 ? minutes : minutes - 1439) / 1440)
    }

    static func minutes(of time: Timestamp) -> Int32 {
        Int32(clamping: time.milliseconds / 60_000)
    }

    /// Makes a user known that may have no event. - Returns: the user's row.
    @discardableResult public mutating func add(user id: UserID) -> Int {
        ungroup()
        return users.number(of: id.rawValue)
    }

    /// Makes an item known that may have no event, so that it has a row in the model.
    public mutating func add(item id: ItemID) {
        ungroup()
        listed.insert(Int32(items.number(of: id.rawValue)))
    }

    /// Adds one event, and with it its user and item where they are new. Of the moment the minute is kept; weight and
    /// event id are not.
    public mutating func add(_ interaction: Interaction) {
        ungroup()
        add(
            user: Int32(users.number(of: interaction.user.rawValue)),
            item: Int32(items.number(of: interaction.item.rawValue)), minutes: Self.minutes(of: interaction.timestamp),
            kind: kindNumber(of: interaction.kind))
    }

    private mutating func add(user userRow: Int32, item itemRow: Int32, minutes: Int32, kind: UInt8) {
        user.append(userRow)
        item.append(itemRow)
        self.minutes.append(minutes)
        kindNumber.append(kind)
    }

    /// The 255th kind and all behind it are one.
    private mutating func kindNumber(of kind: InteractionKind) -> UInt8 {
        if let known = kinds.firstIndex(of: kind) { return UInt8(known) }
        guard kinds.count < 255 else { return 254 }
        kinds.append(kind)
        return UInt8(kinds.count - 1)
    }

    /// Rows of the names of a reader.
    struct Numbering {
        var users: [Int32] = []
        var items: [Int32] = []
        var kinds: [UInt8] = []
    }

    /// Adds a page of a reader whose earlier pages were added with the same numbering.
    mutating func add(_ page: NumberedPage, _ numbering: inout Numbering) throws(StorageError) {
        ungroup()
        for name in page.newUsers { numbering.users.append(Int32(users.number(of: name.rawValue))) }
        for name in page.newItems { numbering.items.append(Int32(items.number(of: name.rawValue))) }
        for kind in page.newKinds { numbering.kinds.append(kindNumber(of: kind)) }
        let (userRows, itemRows, kindRows) = (numbering.users, numbering.items, numbering.kinds)
        guard page.users.allSatisfy({ userRows.indices.contains(Int($0)) }),
            page.items.allSatisfy({ itemRows.indices.contains(Int($0)) }),
            page.kinds.allSatisfy({ kindRows.indices.contains(Int($0)) })
        else {
            throw StorageError(.corrupt, operation: "history.read", reason: "a row names what no page brought")
        }
        user += page.users.map { userRows[Int($0)] }
        item += page.items.map { itemRows[Int($0)] }
        minutes += page.timestamps.map(Self.minutes)
        kindNumber += page.kinds.map { kindRows[Int($0)] }
    }

    // MARK: - By user

    /// The same events by user, and a user's by item, time and kind: what every build needs.
    /// - Complexity: O(events log(events of a user)); 8 bytes an event while it runs.
    func grouped() -> HistoryBuilder { groups == nil ? grouped(by: order()) : self }

    /// Back to events in any order, before more are added.
    private mutating func ungroup() {
        guard let groups else { return }
        user = eventUsers()
        for row in 0..<groups.users.count { _ = users.number(of: groups.users.name(of: row)) }
        self.groups = nil
    }

    /// The user row of each event.
    func eventUsers() -> [Int32] {
        guard let groups else { return user }
        var rows: [Int32] = []
        rows.reserveCapacity(item.count)
        for row in 0..<groups.users.count {
            rows.append(contentsOf: repeatElement(Int32(row), count: groups.starts[row + 1] - groups.starts[row]))
        }
        return rows
    }

    /// Number of each user's first event when they stand by user.
    private func starts() -> [Int] {
        var starts = [Int](repeating: 0, count: users.count + 1)
        for row in user { starts[Int(row) + 1] += 1 }
        for row in 0..<users.count { starts[row + 1] += starts[row] }
        return starts
    }

    /// Event numbers in the order of ``grouped()``.
    private func order() -> Column<UInt32> {
        precondition(user.count < Int(UInt32.max), "more than \(UInt32.max) events")
        let starts = starts()
        var next = starts
        let order = ColumnBuffer<UInt32>(user.count)
        for event in user.indices {
            let row = Int(user[event])
            order.base[next[row]] = UInt32(event)
            next[row] += 1
        }
        next = []
        let events = Events(item: item, minutes: minutes, kind: kindNumber)
        forEachRange(users.count, grain: 4096) { range in
            for row in range where starts[row + 1] - starts[row] > 1 {
                order.sort(starts[row]..<starts[row + 1]) { events.isBefore(Int($0), Int($1)) }
            }
        }
        return order.column
    }

    /// Events by number.
    private struct Events: Sendable {
        let item: [Int32]
        let minutes: [Int32]
        let kind: [UInt8]
        func isBefore(_ a: Int, _ b: Int) -> Bool {
            if item[a] != item[b] { return item[a] < item[b] }
            if minutes[a] != minutes[b] { return minutes[a] < minutes[b] }
            return kind[a] != kind[b] ? kind[a] < kind[b] : a < b
        }
    }

    private func grouped(by order: Column<UInt32>) -> HistoryBuilder {
        var result = self
        result.groups = Groups(starts: starts(), users: IDMap(users.names), items: IDMap(items.names))
        (result.user, result.users) = ([], NameTable())
        result.item = order.map { item[Int($0)] }
        result.minutes = order.map { minutes[Int($0)] }
        result.kindNumber = order.map { kindNumber[Int($0)] }
        return result
    }

    // MARK: - The history

    /// Events are seen from the last one taken. The id tables always hold every user and item added.
    /// - Parameters:
    ///   - confidence: how much an event says.
    ///   - only: a mark for each event, in the order of adding (of `grouped()` for what that returned); `nil` =
    ///     all.
    /// - Complexity: O(events), and once O(events log(events of a user)) where they are not grouped.
    public func build(_ confidence: ConfidenceModel = ConfidenceModel(), only: [Bool]? = nil) -> InteractionHistory {
        precondition(only.map { $0.count == item.count } ?? true, "\(only?.count ?? 0) marks for \(item.count) events")
        guard let groups else {
            let order = order()
            return grouped(by: order).build(confidence, only: only.map { marks in order.map { marks[Int($0)] } })
        }
        var (firstMinute, lastMinute) = (Int32.max, Int32.min)
        var count = 0
        for event in item.indices where only?[event] ?? true {
            firstMinute = min(firstMinute, minutes[event])
            lastMinute = max(lastMinute, minutes[event])
            count += 1
        }
        if count == 0 { (firstMinute, lastMinute) = (0, 0) }
        let end = Timestamp(milliseconds: Int64(lastMinute) * 60_000)
        let entries = Entries(self, confidence, only, end: end, starts: groups.starts)
        let itemEvents = entries.itemEvents(items.count)
        let decayed = entries.decayedEvents(items.count, end: end)
        return InteractionHistory(
            users: groups.users, items: groups.items,
            matrix: InteractionMatrix(
                rows: groups.users.count, columns: items.count, offsets: Column(entries.offsets),
                indices: entries.indices.column, values: entries.values.column),
            counts: entries.counts.column, lastMinutes: entries.lasts.column,
            freshness: EntryFreshness(
                slow: entries.slow.column, fast: entries.fast.column, month: entries.month.column),
            firstTime: Timestamp(milliseconds: Int64(firstMinute) * 60_000), lastTime: end,
            eventCount: count, itemEvents: Column(itemEvents), itemDecayedEvents: decayed,
            itemRepeatRate: Column(entries.repeatRates(items.count)),
            itemExposure: Column(exposure(only)),
            unknownItems: Set(
                (0..<items.count).map(Int32.init).filter { itemEvents[Int($0)] == 0 && !listed.contains($0) })
        )
    }

    /// The events and names, for a digest of them.
    var digestedEvents: [ColumnDigest] {
        let all = grouped()
        let groups = all.groups
        return [
            .init(Column(all.item)), .init(Column(all.minutes)), .init(Column(all.kindNumber)),
            .init(Column(groups?.starts ?? [])), .init(groups?.users.bytes ?? Column()),
            .init(groups?.items.bytes ?? Column()),
        ]
    }

    /// Marked events of each item that weigh something by their kind.
    func itemEvents(only marks: [Bool]? = nil) -> [Int] {
        let weights = kinds.map { kindWeights[$0] ?? 1 }
        var counts = [Int](repeating: 0, count: items.count)
        for event in item.indices where (marks?[event] ?? true) && weights[Int(kindNumber[event])] > 0 {
            counts[Int(item[event])] += 1
        }
        return counts
    }

    /// For each item the share of the marked events that are not before its first.
    private func exposure(_ marks: [Bool]?) -> [Float] {
        var firsts = [Int32](repeating: .max, count: items.count)
        for event in item.indices where marks?[event] ?? true {
            firsts[Int(item[event])] = min(firsts[Int(item[event])], minutes[event])
        }
        let times = MinuteRanks(minutes, only: marks)
        return firsts.map { first in
            first < .max ? Float(times.count - times.before(first)) / Float(max(1, times.count)) : 0
        }
    }
}
