// Impressions in SQLite.
import Foundation
import GRDB
import RecCore

/// `ImpressionLog` on the store file, idempotent by recommendation id.
public struct EmbeddedImpressionLog: ImpressionLog {
    private let database: StoreDatabase
    init(database: StoreDatabase) { self.database = database }

    /// The places of a list as they are stored. What older versions did not write is optional.
    private struct Slate: Codable {
        let items: [String]
        var propensities: [Double]?
        var logPropensities: [Double]?
        var offset: Int?
        var length: Int?
        /// As text, since JSON's numbers do not hold 64 bits everywhere.
        var candidateHash: String?
        var candidates: Data?

        init(_ impression: Impression) {
            items = impression.items.map(\.rawValue)
            logPropensities = impression.logPropensities
            (offset, length) = (impression.offset, impression.length)
            candidateHash = String(impression.candidateHash)
            candidates = impression.candidates.map { Data($0.bytes) }
        }

        var logs: [Double] { logPropensities ?? propensities?.map { log($0) } ?? [] }
        /// Whether the numbers are those of a list.
        var isSound: Bool {
            let most = 0...RecommendationRequest.maximumLimit
            return items.count <= most.upperBound && most.contains(offset ?? 0) && most.contains(length ?? 0)
                && logs.count == items.count
        }
        var hash: UInt64 { candidateHash.flatMap { UInt64($0) } ?? 0 }
    }

    public func append(_ impressions: [Impression]) async throws(StorageError) {
        guard !impressions.isEmpty else { return }
        try await database.write("impressions.append") { database in
            let statement = try database.cachedStatement(
                sql: """
                    INSERT INTO impression (recommendation, user, version, policy, mode, time, seed, slate)
                    VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING
                    """)
            for impression in impressions {
                try statement.execute(arguments: [
                    impression.recommendation, impression.user?.rawValue, impression.modelVersion.rawValue,
                    impression.policy, impression.mode, impression.timestamp.milliseconds,
                    Int64(bitPattern: impression.seed),
                    String(decoding: try JSONEncoder().encode(Slate(impression)), as: UTF8.self),
                ])
            }
        }
    }

    public func page(
        after offset: Int64, limit: Int
    ) async throws(StorageError) -> (impressions: [Impression], nextOffset: Int64) {
        try await database.read("impressions.page") { database in
            let rows = try Row.fetchAll(
                database,
                sql: """
                    SELECT id, recommendation, user, version, policy, mode, time, seed, slate FROM impression
                    WHERE id > ? ORDER BY id LIMIT ?
                    """, arguments: [offset, limit])
            let impressions = try rows.map { row in
                let slateText: String = try row.value(8)
                guard let slate = try? JSONDecoder().decode(Slate.self, from: Data(slateText.utf8)),
                    slate.isSound, let version = ModelVersion(try row.value(3))
                else {
                    throw StorageError(
                        .corrupt, operation: "impressions.page", reason: "a stored impression is not one")
                }
                let user: String? = try row.value(2)
                let time: Int64 = try row.value(6)
                let seed: Int64 = try row.value(7)
                return Impression(
                    recommendation: try row.value(1), user: user.map(UserID.init), modelVersion: version,
                    policy: try row.value(4),
                    mode: try row.value(5),
                    timestamp: Timestamp(milliseconds: time), seed: UInt64(bitPattern: seed),
                    items: slate.items.map(ItemID.init), logPropensities: slate.logs, offset: slate.offset ?? 0,
                    length: slate.length, candidateHash: slate.hash,
                    candidates: slate.candidates.flatMap { SlateCandidates(bytes: $0) })
            }
            return (impressions, try rows.last.map { try $0.value(0) } ?? offset)
        }
    }

    public func append(outcomes: [Outcome]) async throws(StorageError) {
        guard !outcomes.isEmpty else { return }
        try await database.write("impressions.outcomes") { database in
            let statement = try database.cachedStatement(
                sql: """
                    INSERT INTO outcome (recommendation, event, item, kind, time, weight) VALUES (?, ?, ?, ?, ?, ?)
                    ON CONFLICT DO NOTHING
                    """)
            for outcome in outcomes {
                try statement.execute(arguments: [
                    outcome.recommendation, outcome.event.rawValue, outcome.item.rawValue, outcome.kind.rawValue,
                    outcome.timestamp.milliseconds, Double(outcome.weight),
                ])
            }
        }
    }

    public func outcomes(of recommendations: [String]) async throws(StorageError) -> [String: [Outcome]] {
        try await database.read("impressions.outcomes") { database in
            let statement = try database.cachedStatement(
                sql: """
                    SELECT event, item, kind, time, weight FROM outcome WHERE recommendation = ? ORDER BY time, event
                    """)
            var found: [String: [Outcome]] = [:]
            for recommendation in recommendations {
                let outcomes = try Row.fetchAll(statement, arguments: [recommendation]).map { row in
                    guard let kind = InteractionKind(try row.value(2)) else {
                        throw StorageError(
                            .corrupt, operation: "impressions.outcomes", reason: "a stored outcome is not one")
                    }
                    let (event, item): (String, String) = (try row.value(0), try row.value(1))
                    let (time, weight): (Int64, Double) = (try row.value(3), try row.value(4))
                    return Outcome(
                        recommendation: recommendation, item: ItemID(item), kind: kind,
                        timestamp: Timestamp(milliseconds: time), weight: Float(weight), event: EventID(event))
                }
                if !outcomes.isEmpty { found[recommendation] = outcomes }
            }
            return found
        }
    }
}
