// Rows of history as one value of the store file: a column behind the other.
import RecCore

/// Some rows in the order they were stored, with names as numbers.
///
/// As stored (little-endian): one byte of format; then users (UInt32), items (UInt32), kinds (UInt16), times (Int64,
/// milliseconds) and weights (Float32), each led by one byte: 0 = one value for all rows, 1 = one a row; then one byte, 0 = no
/// row has an event id, 1 = for each row its length in one byte (0 = none) and its bytes.
struct HistoryBlock {
    var users: [UInt32] = []
    var items: [UInt32] = []
    var kinds: [UInt16] = []
    var times: [Int64] = []
    var weights: [UInt32] = []
    var events: [String?] = []

    static let format: UInt8 = 1
    /// Rows of one value, at most: what is read back to give out a single page.
    static let most = 65_536

    mutating func reserve(_ count: Int) {
        users.reserveCapacity(count)
        items.reserveCapacity(count)
        kinds.reserveCapacity(count)
        times.reserveCapacity(count)
        weights.reserveCapacity(count)
    }

    func encoded() -> [UInt8] {
        var bytes: [UInt8] = [Self.format]
        bytes.reserveCapacity(users.count * 22 + 16)
        Self.append(users, to: &bytes)
        Self.append(items, to: &bytes)
        Self.append(kinds, to: &bytes)
        Self.append(times, to: &bytes)
        Self.append(weights, to: &bytes)
        guard events.contains(where: { $0 != nil }) else {
            bytes.append(0)
            return bytes
        }
        bytes.append(1)
        for event in events {
            bytes.append(UInt8(event?.utf8.count ?? 0))
            bytes += event?.utf8 ?? "".utf8
        }
        return bytes
    }

    private static func append<Value: FixedWidthInteger>(_ values: [Value], to bytes: inout [UInt8]) {
        guard let first = values.first, values.contains(where: { $0 != first }) else {
            bytes.append(0)
            withUnsafeBytes(of: (values.first ?? 0).littleEndian) { bytes += $0 }
            return
        }
        bytes.append(1)
        values.map(\.littleEndian).withUnsafeBytes { bytes += $0 }
    }

    /// - Returns: `nil` when the bytes are not `count` rows.
    init?(_ bytes: [UInt8], count: Int) {
        guard bytes.count > 6, bytes[0] == Self.format, (1...Self.most).contains(count) else { return nil }
        var place = 1
        func column<Value: FixedWidthInteger>(_ type: Value.Type) -> [Value]? {
            let size = MemoryLayout<Value>.size
            guard place < bytes.count else { return nil }
            let isPlain = bytes[place] == 1
            let length = isPlain ? count : 1
            guard isPlain || bytes[place] == 0, place + 1 + length * size <= bytes.count else { return nil }
            defer { place += 1 + length * size }
            let values = bytes.withUnsafeBytes { all in
                (0..<length).map {
                    Value(littleEndian: all.loadUnaligned(fromByteOffset: place + 1 + $0 * size, as: Value.self))
                }
            }
            return isPlain ? values : Array(repeating: values[0], count: count)
        }
        guard let users = column(UInt32.self), let items = column(UInt32.self), let kinds = column(UInt16.self),
            let times = column(Int64.self), let weights = column(UInt32.self), place < bytes.count
        else { return nil }
        (self.users, self.items, self.kinds, self.times, self.weights) = (users, items, kinds, times, weights)
        let isNamed = bytes[place] == 1
        guard isNamed || bytes[place] == 0 else { return nil }
        place += 1
        if isNamed {
            events.reserveCapacity(count)
            for _ in 0..<count {
                guard place < bytes.count, place + 1 + Int(bytes[place]) <= bytes.count else { return nil }
                let end = place + 1 + Int(bytes[place])
                guard let event = String(validating: bytes[(place + 1)..<end], as: UTF8.self) else { return nil }
                events.append(event.isEmpty ? nil : event)
                place = end
            }
        }
        guard place == bytes.count else { return nil }
    }

    init() {}

    /// Some of the rows.
    func rows(_ range: Range<Int>) -> HistoryBlock {
        var part = HistoryBlock()
        (part.users, part.items, part.kinds) = (Array(users[range]), Array(items[range]), Array(kinds[range]))
        (part.times, part.weights) = (Array(times[range]), Array(weights[range]))
        if !events.isEmpty { part.events = Array(events[range]) }
        return part
    }
}
