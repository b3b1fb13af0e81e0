// The seeded generator of the engine: small, fast, the same on every machine.

/// SplitMix64 (Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators, OOPSLA 2014).
public struct SplitMix64: RandomNumberGenerator, Sendable {
    private var state: UInt64
    /// The same seed gives the same numbers on every platform.
    public init(seed: UInt64) { state = seed }

    public mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }

    /// Uniform in (0, 1).
    public mutating func nextUnit() -> Double { (Double(next() >> 11) + 0.5) * 0x1p-53 }

    /// Normal with mean 0 and deviation 1 (Box and Muller, one of the pair).
    public mutating func nextNormal() -> Float {
        let radius = (-2 * logOf(nextUnit())).squareRoot()
        return Float(radius * cosOf(2 * Double.pi * nextUnit()))
    }
}
