// The recommendation engine in the shop's words.
import RecCore

/// ``BookAdvisor`` on a `RecommendationEngine`, whatever its stores are.
public struct EngineAdvisor: BookAdvisor {
    private let engine: RecommendationEngine
    private let now: @Sendable () -> Timestamp
    private let makeName: @Sendable () -> String

    /// - Parameters:
    ///   - now: the moment of a question; a test passes that of its `ManualClock`.
    ///   - makeName: a new name for an answer.
    public init(
        engine: RecommendationEngine, now: @escaping @Sendable () -> Timestamp,
        makeName: @escaping @Sendable () -> String
    ) {
        (self.engine, self.now, self.makeName) = (engine, now, makeName)
    }

    public func suggestions(for reader: String, count: Int) async throws -> [Suggestion] {
        let request = RecommendationRequest(user: UserID(reader), allowSeen: false, limit: count)
        let answer = try await engine.recommend(request, id: makeName(), now: now())
        return answer.items.map { Suggestion(book: $0.item.rawValue, reason: Self.words(for: $0.reason)) }
    }

    public func note(_ sale: Sale) async throws { try await engine.record([try sale.interaction()]) }

    private static func words(for reason: String) -> String {
        switch reason {
        case "bought_together": "readers of your books took it too"
        case "taste": "close to what you read"
        case "content": "like the books you have"
        case "new_item": "just in"
        default: "much read these weeks"
        }
    }
}
