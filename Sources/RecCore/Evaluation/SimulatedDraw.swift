// Chance by hash: a draw belongs to what it decides, not to the order of deciding.

/// A number made of a seed and of what is drawn for. Two runs that ask for the same shopper, visit and item get the same number,
/// whatever they asked before: common random numbers (Glasserman and Yao, Some guidelines and guarantees for common random
/// numbers, Management Science 1992).
struct SimulatedDraw: Sendable {
    /// What is decided; draws for different purposes are independent.
    enum Purpose: Int {
        case centre, item, shopper, taste, visits, moments
        case depth, attention, click, purchase, leaving
        case isSearching, search, searchPurchase
        case warmUpSlate, policy
    }

    let state: UInt64

    init(seed: UInt64, _ purpose: Purpose) {
        state = Self.mixed(seed ^ Self.mixed(UInt64(purpose.rawValue) &+ 1))
    }
    private init(state: UInt64) { self.state = state }

    /// The draw for one of many.
    @inline(__always)
    func at(_ number: Int) -> SimulatedDraw {
        SimulatedDraw(state: Self.mixed(state ^ (UInt64(truncatingIfNeeded: number) &* 0xd1b5_4a32_d192_ed03 &+ 1)))
    }

    func at(_ arrival: SimulatedArrival) -> SimulatedDraw { at(arrival.week).at(arrival.shopper).at(arrival.number) }

    /// Uniform in (0, 1).
    @inline(__always) var unit: Double { (Double(state >> 11) + 0.5) * 0x1p-53 }

    /// For what needs several numbers.
    var generator: SplitMix64 { SplitMix64(seed: state) }

    /// The finaliser of SplitMix64, with its increment.
    @inline(__always)
    private static func mixed(_ value: UInt64) -> UInt64 {
        var z = value &+ 0x9e37_79b9_7f4a_7c15
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }
}
