// The places of a shown list, as the impression logs of the stores keep them.
import Foundation  // JSON, which people and other programs read in the store.

/// What an impression log stores of an ``Impression`` beside the columns it is found by: JSON with the items and their propensities.
package struct StoredSlate: Codable {
    private let items: [String]
    /// What versions before log-propensities wrote.
    private var propensities: [Double]?
    private var logPropensities: [Double]?
    private var offset: Int?
    private var length: Int?
    /// As text, since JSON's numbers do not hold 64 bits everywhere.
    private var candidateHash: String?
    private var candidates: Data?

    /// - Throws: `.rejected` for what a text column cannot hold: NUL in an item's id, a propensity that is no number.
    package static func text(of impression: Impression) throws(StorageError) -> String {
        let slate = Self(impression)
        guard !slate.items.contains(where: { $0.utf8.contains(0) }), let data = try? JSONEncoder().encode(slate) else {
            throw StorageError(
                .rejected, operation: "impressions.append",
                reason: "list \(impression.recommendation) holds the character NUL or a propensity that is no number")
        }
        return String(decoding: data, as: UTF8.self)
    }

    /// What stands in the other columns of a row.
    package struct Columns {
        let recommendation: String
        let user: String?
        let version: String
        let policy: String
        let mode: String
        let milliseconds: Int64
        let seed: Int64

        package init(
            recommendation: String, user: String?, version: String, policy: String, mode: String, milliseconds: Int64,
            seed: Int64
        ) {
            (self.recommendation, self.user, self.version) = (recommendation, user, version)
            (self.policy, self.mode, self.milliseconds, self.seed) = (policy, mode, milliseconds, seed)
        }
    }

    /// - Throws: `.corrupt` for a row that is no impression.
    package static func impression(_ text: String, _ row: Columns) throws(StorageError) -> Impression {
        guard let slate = try? JSONDecoder().decode(Self.self, from: Data(text.utf8)), slate.isSound,
            row.milliseconds.magnitude < 1 << 53,
            let version = ModelVersion(row.version)
        else {
            throw StorageError(
                .corrupt, operation: "impressions.page",
                reason: "the stored impression \(row.recommendation) is not one")
        }
        return Impression(
            recommendation: row.recommendation, user: row.user.map(UserID.init), modelVersion: version,
            policy: row.policy, mode: row.mode, timestamp: Timestamp(milliseconds: row.milliseconds),
            seed: UInt64(bitPattern: row.seed), items: slate.items.map(ItemID.init), logPropensities: slate.logs,
            offset: slate.offset ?? 0, length: slate.length,
            candidateHash: slate.candidateHash.flatMap { UInt64($0) } ?? 0,
            candidates: slate.candidates.flatMap { SlateCandidates(bytes: $0) })
    }

    private init(_ impression: Impression) {
        items = impression.items.map(\.rawValue)
        logPropensities = impression.logPropensities
        (offset, length) = (impression.offset, impression.length)
        candidateHash = String(impression.candidateHash)
        candidates = impression.candidates.map { Data($0.bytes) }
    }

    private var logs: [Double] { logPropensities ?? propensities?.map { PortableMath.log($0) } ?? [] }

    /// Whether the numbers are those of a list.
    private var isSound: Bool {
        let most = 0...Impression.maximumLength
        return items.count <= most.upperBound && most.contains(offset ?? 0) && most.contains(length ?? 0)
            && logs.count == items.count
    }
}
