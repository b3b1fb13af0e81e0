// The owner of a zlib stream: turns gzip bytes into plain bytes, piece by piece.
internal import CZlib

/// Inflates gzip members one after the other. The C stream lives as long as this object and never leaves this file.
final class GzipInflater {
    enum Status: Equatable {
        /// Goes on with more input.
        case going
        /// A member ended (its checksum was right).
        case memberEnded
        /// The data is damaged.
        case damaged
    }
    struct Progress {
        let consumed: Int
        let produced: Int
        let status: Status
    }

    /// zlib keeps the stream's address, so that it must not move.
    private let stream: UnsafeMutablePointer<z_stream>
    private var room: [UInt8]

    /// - Parameter room: how many plain bytes one call gives at most.
    init?(room: Int) {
        self.room = [UInt8](repeating: 0, count: max(1, room))
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
        guard rec_inflate_init_gzip(stream) == Z_OK else {
            stream.deinitialize(count: 1)
            stream.deallocate()
            return nil
        }
    }

    deinit {
        inflateEnd(stream)
        stream.deinitialize(count: 1)
        stream.deallocate()
    }

    /// Inflates `input[start...]` as far as the room allows and appends the result to `output`.
    func inflate(_ input: inout [UInt8], from start: Int, appendingTo output: inout [UInt8]) -> Progress {
        let available = min(max(0, input.count - start), 1 << 30)
        let capacity = room.count
        var status = Z_OK
        let stream = self.stream
        input.withUnsafeMutableBufferPointer { source in
            room.withUnsafeMutableBufferPointer { target in
                stream.pointee.next_in = source.baseAddress.map { $0 + start }
                stream.pointee.avail_in = UInt32(available)
                stream.pointee.next_out = target.baseAddress
                stream.pointee.avail_out = UInt32(capacity)
                status = CZlib.inflate(stream, Z_NO_FLUSH)
                stream.pointee.next_in = nil
                stream.pointee.next_out = nil
            }
        }
        let consumed = available - Int(stream.pointee.avail_in)
        let produced = capacity - Int(stream.pointee.avail_out)
        output.append(contentsOf: room[0..<produced])
        switch status {
        case Z_OK, Z_BUF_ERROR: return Progress(consumed: consumed, produced: produced, status: .going)
        case Z_STREAM_END: return Progress(consumed: consumed, produced: produced, status: .memberEnded)
        default: return Progress(consumed: consumed, produced: produced, status: .damaged)
        }
    }

    /// Makes ready for the next member.
    func startMember() -> Bool { inflateReset(stream) == Z_OK }
}
