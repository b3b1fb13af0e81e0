// How large a made-up shop is.
import RecCore

/// Why a shop of this size cannot be made.
public struct InvalidShop: Error, Sendable, Hashable, CustomStringConvertible {
    /// Which number is out of range.
    public let field: String
    /// The range, as `must lie in 1...3660`.
    public let reason: String
    public var description: String { "\(field) \(reason)" }
}

/// Size and seed of a made-up shop. The same configuration gives the same files, byte for byte, on the same platform.
public struct SyntheticShopConfiguration: Sendable, Hashable {
    /// 1 to 50 million.
    public let customers: Int
    /// 1 to 2 million.
    public let articles: Int
    /// Rows of the transactions file, exactly.
    public let transactions: Int64
    /// Days with transactions, 1 to 3660.
    public let days: Int
    /// The same seed gives the same shop.
    public let seed: UInt64
    /// The last day with transactions.
    public let lastDay: Timestamp

    /// - Throws: ``InvalidShop`` that names the number and its bounds.
    public init(
        customers: Int = 20_000, articles: Int = 5_000, transactions: Int64 = 400_000, days: Int = 365,
        seed: UInt64 = 1, lastDay: Timestamp? = nil
    ) throws(InvalidShop) {
        func check(_ field: String, _ value: Int64, _ range: ClosedRange<Int64>) throws(InvalidShop) {
            guard range.contains(value) else {
                throw InvalidShop(field: field, reason: "must lie in \(range.lowerBound)...\(range.upperBound)")
            }
        }
        try check("customers", Int64(customers), 1...50_000_000)
        try check("articles", Int64(articles), 1...2_000_000)
        try check("transactions", transactions, 0...10_000_000_000)
        try check("days", Int64(days), 1...3_660)
        (self.customers, self.articles, self.transactions) = (customers, articles, transactions)
        (self.days, self.seed) = (days, seed)
        self.lastDay = lastDay ?? Timestamp(milliseconds: 18_527 * Timestamp.millisecondsPerDay)
    }

    /// The day with this number, from 0.
    func day(_ number: Int) -> Timestamp { lastDay.advanced(byDays: Double(number - days + 1)) }
}

/// Numbers that follow from a seed (SplitMix64).
///
/// Source: G. L. Steele Jr., D. Lea, C. H. Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014,
/// https://doi.org/10.1145/2660193.2660195
struct ShopGenerator: RandomNumberGenerator {
    private var state: UInt64

    /// A stream of its own for each purpose and index.
    init(seed: UInt64, purpose: Purpose, index: Int = 0) {
        state = Self.mix(Self.mix(seed &+ purpose.rawValue &* 0x9e37_79b9_7f4a_7c15) ^ UInt64(bitPattern: Int64(index)))
    }

    enum Purpose: UInt64 {
        case product = 1
        case article, customer, customerID, day, purchases, postalCode
    }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        return Self.mix(state)
    }

    /// Uniform in 0..<1.
    mutating func unit() -> Double { Double(next() >> 11) * 0x1p-53 }

    /// Uniform in 0..<count; 0 for an empty range.
    mutating func index(_ count: Int) -> Int { min(Int(unit() * Double(count)), max(0, count - 1)) }

    static func mix(_ value: UInt64) -> UInt64 {
        var z = value
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }
}
