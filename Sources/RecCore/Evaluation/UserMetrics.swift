// The figures of one user's list.

/// What a list is judged by, per user. m is the number of distinct items the user took.
public enum UserMetric: Int, Sendable, CaseIterable {
    /// Sum of precision(r) at the hits among the first 12 / min(m, 12).
    case map12
    /// Hits among the first 20 / m.
    case recall20
    /// Binary gain, log2 discount, over the ideal list of min(m, 20).
    case ndcg20
    /// 1 when any of the first 12 was taken.
    case hit12
    /// Hits among the first 12 / 12.
    case precision12
    /// 1 / place of the first hit among the first 20, or 0.
    case mrr20

    /// The name in reports, such as `MAP@12`.
    public var name: String {
        switch self {
        case .map12: "MAP@12"
        case .recall20: "Recall@20"
        case .ndcg20: "NDCG@20"
        case .hit12: "HitRate@12"
        case .precision12: "Precision@12"
        case .mrr20: "MRR@20"
        }
    }
}

/// All ``UserMetric``s of one user, in their order; the last two lanes are 0.
typealias UserFigures = SIMD8<Float>

extension UserMetric {
    static func figures(_ list: [Int32], _ relevant: Set<Int32>) -> UserFigures {
        typealias Metrics = RankingMetrics<Int32>
        let hits = Set(list.prefix(12)).intersection(relevant).count
        let first = list.prefix(20).firstIndex(where: relevant.contains)
        return UserFigures(
            Float(Metrics.averagePrecision(list, relevant, at: 12)), Float(Metrics.recall(list, relevant, at: 20)),
            Float(Metrics.ndcg(list, relevant, at: 20)), hits > 0 ? 1 : 0, Float(hits) / 12,
            first.map { 1 / Float($0 + 1) } ?? 0, 0, 0)
    }
}
