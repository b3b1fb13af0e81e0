// Messages on their way to the log, packed.
import RecCore

/// Messages of one topic, in the order they are to be sent: keys and values lie one behind the other in one array.
struct KafkaRecords: Sendable {
    /// Bounds of one message in ``bytes``: the key, then the value.
    struct Place: Sendable {
        let start: Int
        let value: Int
        let end: Int
    }

    private(set) var bytes: [UInt8] = []
    private(set) var places: [Place] = []
    /// The headers of each message; empty = none has any.
    private(set) var headers: [[(name: String, value: String)]] = []

    init() {}

    /// The events of a slice, each under its user: one user's events stay in one partition, and so in order.
    init(_ interactions: ArraySlice<Interaction>) {
        bytes.reserveCapacity(interactions.count * 160)
        places.reserveCapacity(interactions.count)
        for interaction in interactions {
            let start = bytes.count
            bytes.append(contentsOf: interaction.user.rawValue.utf8)
            let value = bytes.count
            KafkaEventWire.encode(interaction, into: &bytes)
            places.append(Place(start: start, value: value, end: bytes.count))
        }
    }

    mutating func add(key: [UInt8], value: [UInt8], headers: [(name: String, value: String)]) {
        let start = bytes.count
        bytes += key
        bytes += value
        places.append(Place(start: start, value: start + key.count, end: bytes.count))
        self.headers.append(headers)
    }
}
