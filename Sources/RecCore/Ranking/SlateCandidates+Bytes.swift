// Candidates as bytes, for logs.

extension SlateCandidates {
    private static let format: UInt8 = 2
    /// The one before, without extras.
    private static let oldFormat: UInt8 = 1

    /// Everything but the directions, which the model has: little endian; a byte of format, a byte that tells which optional columns
    /// follow, the count in two bytes, the extras in two bytes; then column by column: names (a byte of length and UTF-8), scores, shares, deviations,
    /// underexposed (a byte each), groups. About 20 bytes a candidate.
    public var bytes: [UInt8] {
        var bytes: [UInt8] = [
            Self.format,
            (deviations.isEmpty ? 0 : 1) | (isUnderexposed.isEmpty ? 0 : 2) | (groups.isEmpty ? 0 : 4),
            UInt8(count & 255), UInt8(count >> 8 & 255), UInt8(extras & 255), UInt8(extras >> 8 & 255),
        ]
        bytes.reserveCapacity(6 + count * 24)
        func add(_ word: UInt32) {
            for shift in [0, 8, 16, 24] as [UInt32] { bytes.append(UInt8(truncatingIfNeeded: word >> shift)) }
        }
        for item in items {
            bytes.append(UInt8(min(255, item.rawValue.utf8.count)))
            bytes.append(contentsOf: item.rawValue.utf8.prefix(255))
        }
        for score in scores { add(score.bitPattern) }
        for share in logShares { add(share.bitPattern) }
        for deviation in deviations { add(deviation.bitPattern) }
        for flag in isUnderexposed { bytes.append(flag ? 1 : 0) }
        for group in groups { add(UInt32(bitPattern: group)) }
        return bytes
    }

    /// - Returns: `nil` for bytes that ``bytes`` did not write.
    public init?(bytes: some Collection<UInt8>) {
        var reader = Reader(bytes: Array(bytes))
        guard let format = reader.byte(), [Self.format, Self.oldFormat].contains(format), let columns = reader.byte(),
            columns < 8, let count = reader.count(), let extras = format == Self.format ? reader.count() : 0,
            extras <= count
        else { return nil }
        guard let items = reader.column(count, { $0.name() }), let scores = reader.column(count, { $0.float() }),
            let shares = reader.column(count, { $0.float() }),
            let deviations = reader.column(columns & 1 == 0 ? 0 : count, { $0.float() }),
            let flags = reader.column(columns & 2 == 0 ? 0 : count, { reader in reader.byte().map { $0 == 1 } }),
            let groups = reader.column(
                columns & 4 == 0 ? 0 : count, { reader in reader.word().map { Int32(bitPattern: $0) } }),
            reader.isAtEnd, scores.allSatisfy(\.isFinite), shares.allSatisfy(\.isFinite),
            deviations.allSatisfy({ $0.isFinite && $0 >= 0 })
        else { return nil }
        self.init(
            items: items, scores: scores, logShares: shares, deviations: deviations, isUnderexposed: flags,
            groups: groups, extras: extras)
    }

    private struct Reader {
        let bytes: [UInt8]
        var place = 0
        var isAtEnd: Bool { place == bytes.count }

        mutating func byte() -> UInt8? {
            guard place < bytes.count else { return nil }
            defer { place += 1 }
            return bytes[place]
        }

        mutating func count() -> Int? {
            guard let low = byte(), let high = byte() else { return nil }
            return Int(low) | Int(high) << 8
        }

        mutating func word() -> UInt32? {
            guard bytes.count - place >= 4 else { return nil }
            defer { place += 4 }
            return (0..<4).reduce(0) { $0 | UInt32(bytes[place + $1]) << UInt32(8 * $1) }
        }

        mutating func float() -> Float? { word().map { Float(bitPattern: $0) } }

        mutating func name() -> ItemID? {
            guard let length = byte(), bytes.count - place >= Int(length) else { return nil }
            defer { place += Int(length) }
            return String(validating: bytes[place..<(place + Int(length))], as: UTF8.self).map { ItemID($0) }
        }

        mutating func column<T>(_ count: Int, _ read: (inout Reader) -> T?) -> [T]? {
            guard count <= bytes.count - place || count == 0 else { return nil }
            var values: [T] = []
            values.reserveCapacity(count)
            for _ in 0..<count {
                guard let value = read(&self) else { return nil }
                values.append(value)
            }
            return values
        }
    }
}
