// What clients and producers send: events over HTTP and in Kafka, filters of requests.
import Foundation
import NIOCore

@testable import RecCore
@testable import RecServe
@testable import RecStorage

/// The bytes are an event: as the body of a request, and as a message of the log. What the log's reader takes, it must write as
/// bytes that read back as the same.
struct EventTarget: FuzzTarget {
    init() throws {}

    func run(_ bytes: [UInt8]) throws {
        let now = Timestamp(milliseconds: 1_700_000_000_000)
        if let wire = try? JSONReading.decode(EventWire.self, from: ByteBuffer(bytes: bytes)) {
            _ = try? wire.interaction(user: nil, now: now, makeID: { "id" })
        }
        if let list = try? JSONReading.decodeList(EventWire.self, from: ByteBuffer(bytes: bytes), atMost: 100) {
            for wire in list { _ = try? wire.interaction(user: UserID("u"), now: now, makeID: { "id" }) }
        }
        guard let event = try? KafkaEventWire.decode(bytes) else { return }
        var again: [UInt8] = []
        KafkaEventWire.encode(event, into: &again)
        require((try? KafkaEventWire.decode(again)) == event, "\(event) is written as another")
    }
}

/// The bytes are a filter, which is then asked about items.
struct FilterTarget: FuzzTarget {
    private let items: [[String: String]] = [
        [:], ["department": "Jackets", "price": "12.5"], ["price": "not a number", "colour": "red"], ["price": "1e308"],
    ]
    init() throws {}

    func run(_ bytes: [UInt8]) throws {
        let filter = try JSONReading.decode(FilterWire.self, from: ByteBuffer(bytes: bytes)).filter
        var attributes = ItemAttributes(count: items.count)
        for (row, item) in items.enumerated() { attributes.set(row, item) }
        let passing = attributes.rows(passing: filter)
        for (row, item) in items.enumerated() where !item.isEmpty {
            require(
                passing.contains(row) == filter.admits(item),
                "the columns say \(passing.contains(row)) of \(item), the filter \(filter.admits(item))")
        }
    }
}
