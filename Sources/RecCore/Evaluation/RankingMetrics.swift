// How good a list is, by named definitions.

/// Means over users. Every definition ranks the whole catalogue; nothing is sampled.
///
/// - MAP@12: sum of precision(r) at the hits / min(m, 12), as Kaggle defines it; a repeated prediction counts once.
/// - Recall@k: hits / m. NDCG@k: binary gain, log2 discount, ideal list of min(m, k). Hit rate@k: any hit.
/// - Coverage@12: distinct items in the first 12 places of all lists / items of the catalogue.
/// - Novelty@12: mean of -log2(share of events) over these places; an item without events counts as half an event.
///
/// m is the number of distinct relevant items. A user without a list scores 0; a user without relevant items is left out.
public struct RankingMetrics<Item: Hashable & Sendable>: Sendable {
    private var sums: [String: Double] = [:]
    private var averagePrecisions: [Double] = []
    private var shown: Set<Item> = []
    private var novelty = 0.0
    private var places = 0
    private let catalogueSize: Int
    private let eventShare: [Item: Double]

    /// - Parameters:
    ///   - catalogueSize: items that could be recommended.
    ///   - events: events of each item before the cut, for novelty.
    public init(catalogueSize: Int, events: [Item: Int] = [:]) {
        self.catalogueSize = catalogueSize
        let total = Double(max(1, events.values.reduce(0, +)))
        eventShare = events.mapValues { Double($0) / total }
        smallest = 0.5 / total
    }
    private let smallest: Double

    /// Adds one user.
    public mutating func add(predicted: [Item], relevant: Set<Item>) {
        guard !relevant.isEmpty else { return }
        let precision = Self.averagePrecision(predicted, relevant, at: 12)
        averagePrecisions.append(precision)
        sums["MAP@12", default: 0] += precision
        sums["Recall@20", default: 0] += Self.recall(predicted, relevant, at: 20)
        sums["NDCG@20", default: 0] += Self.ndcg(predicted, relevant, at: 20)
        sums["HitRate@12", default: 0] += predicted.prefix(12).contains(where: relevant.contains) ? 1 : 0
        for item in predicted.prefix(12) {
            shown.insert(item)
            novelty -= log2Of(max(eventShare[item] ?? smallest, smallest))
            places += 1
        }
    }

    /// Users that were added and took something.
    public var userCount: Int { averagePrecisions.count }

    /// Metric name to mean.
    public var results: [String: Double] {
        var results = sums.mapValues { $0 / Double(max(1, userCount)) }
        results["Coverage@12"] = Double(shown.count) / Double(max(1, catalogueSize))
        results["Novelty@12"] = novelty / Double(max(1, places))
        return results
    }

    /// AP@k with denominator min(m, k).
    public static func averagePrecision(_ predicted: [Item], _ relevant: Set<Item>, at k: Int) -> Double {
        guard !relevant.isEmpty, k > 0 else { return 0 }
        var seen: Set<Item> = []
        var hits = 0
        var sum = 0.0
        for (place, item) in predicted.prefix(k).enumerated()
        where seen.insert(item).inserted && relevant.contains(item) {
            hits += 1
            sum += Double(hits) / Double(place + 1)
        }
        return sum / Double(min(relevant.count, k))
    }

    /// Hits / m.
    public static func recall(_ predicted: [Item], _ relevant: Set<Item>, at k: Int) -> Double {
        guard !relevant.isEmpty else { return 0 }
        return Double(Set(predicted.prefix(k)).intersection(relevant).count) / Double(relevant.count)
    }

    /// Binary NDCG with the ideal of min(m, k).
    public static func ndcg(_ predicted: [Item], _ relevant: Set<Item>, at k: Int) -> Double {
        guard !relevant.isEmpty, k > 0 else { return 0 }
        var seen: Set<Item> = []
        var gain = 0.0
        var ideal = 0.0
        for (place, item) in predicted.prefix(k).enumerated()
        where seen.insert(item).inserted && relevant.contains(item) {
            gain += 1 / log2Of(Double(place) + 2)
        }
        for place in 0..<min(k, relevant.count) { ideal += 1 / log2Of(Double(place) + 2) }
        return gain / ideal
    }
}
