// How many requests a caller may send.
import Synchronization

/// A token bucket for each caller: `rate` requests a second in the long run, `burst` at once.
final class RateLimiter: Sendable {
    private struct Bucket {
        var tokens: Double
        var filled: ContinuousClock.Instant
    }
    private let buckets = Mutex<[String: Bucket]>([:])
    private let rate: Double
    private let burst: Double
    private let now: @Sendable () -> ContinuousClock.Instant
    /// Callers that are remembered. Beyond it those with full buckets go; they lose nothing by it.
    private static let mostCallers = 10_000

    init(rate: Int, burst: Int, now: @escaping @Sendable () -> ContinuousClock.Instant = { .now }) {
        (self.rate, self.burst, self.now) = (Double(rate), Double(max(1, burst)), now)
    }

    /// Takes a token.
    /// - Returns: `nil` when there was one; otherwise the whole seconds, at least 1, until there is one again.
    func wait(of caller: String) -> Int? {
        let moment = now()
        return buckets.withLock { buckets in
            if buckets.count >= Self.mostCallers, buckets[caller] == nil { forget(&buckets, moment) }
            var bucket = buckets[caller] ?? Bucket(tokens: burst, filled: moment)
            bucket.tokens = tokens(of: bucket, at: moment)
            bucket.filled = moment
            defer { buckets[caller] = bucket }
            guard bucket.tokens < 1 else {
                bucket.tokens -= 1
                return nil
            }
            return max(1, Int(((1 - bucket.tokens) / rate).rounded(.up)))
        }
    }

    private func tokens(of bucket: Bucket, at moment: ContinuousClock.Instant) -> Double {
        let (seconds, attoseconds) = (moment - bucket.filled).components
        return min(burst, bucket.tokens + (Double(seconds) + Double(attoseconds) * 1e-18) * rate)
    }

    private func forget(_ buckets: inout [String: Bucket], _ moment: ContinuousClock.Instant) {
        buckets = buckets.filter { tokens(of: $0.value, at: moment) < burst }
        // Everyone is busy: a flood of addresses. Begin anew, and let each have its burst.
        if buckets.count >= Self.mostCallers { buckets.removeAll(keepingCapacity: true) }
    }
}
