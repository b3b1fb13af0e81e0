// Logarithm and exponential with the same bits on every machine.

/// The C library's own differ in the last bit between versions, and between processors with and without fused multiply-add. What
/// chooses a slate must not: it is made again elsewhere from its seed. These use sums, products and one division of IEEE 754
/// doubles in a fixed order and nothing else, and are within two units in the last place.
enum PortableMath {
    // ln 2 in two parts, the first with zeros behind so that products with small whole numbers are exact.
    private static let ln2High = 0x1.62e42fee00000p-1
    private static let ln2Low = 0x1.a39ef35793c76p-33

    /// Natural logarithm; -infinity for 0, NaN below. - Complexity: one division and about 20 operations.
    @inline(__always)
    static func log(_ x: Double) -> Double {
        guard x > 0, x < .infinity else { return x == 0 ? -.infinity : (x > 0 ? x : .nan) }
        var bits = x.bitPattern
        var exponent = 0
        if bits < 0x0010_0000_0000_0000 {
            bits = (x * 0x1p54).bitPattern
            exponent = -54
        }
        // x = 2^exponent * m, m in [sqrt(1/2), sqrt(2)).
        let shifted = bits &+ (0x3ff0_0000_0000_0000 &- 0x3fe6_a09e_667f_3bcd)
        exponent &+= Int(shifted >> 52) &- 1023
        let m = Double(bitPattern: (shifted & 0x000f_ffff_ffff_ffff) &+ 0x3fe6_a09e_667f_3bcd)
        // ln m = 2 artanh(s), s = (m - 1) / (m + 1), |s| < 0.1716: the series to s^19.
        let f = m - 1
        let s = f / (m + 1)
        let z = s * s
        var sum = 2.0 / 21
        sum = sum * z + 2.0 / 19
        sum = sum * z + 2.0 / 17
        sum = sum * z + 2.0 / 15
        sum = sum * z + 2.0 / 13
        sum = sum * z + 2.0 / 11
        sum = sum * z + 2.0 / 9
        sum = sum * z + 2.0 / 7
        sum = sum * z + 2.0 / 5
        sum = sum * z + 2.0 / 3
        let e = Double(exponent)
        // f - s * f = 2 s - s * f + ... keeps the leading part exact: ln m = f - (f^2 / 2 - s * (f^2 / 2 + z * sum)).
        let half = 0.5 * f * f
        return e * ln2High - ((half - (s * (half + z * sum) + e * ln2Low)) - f)
    }

    /// e^x; 0 below -745.2, infinity above 709.8. - Complexity: about 20 operations, no division.
    @inline(__always)
    static func exp(_ x: Double) -> Double {
        guard x > -745.2 else { return x.isNaN ? x : 0 }
        guard x < 709.79 else { return .infinity }
        let k = (x * 0x1.71547652b82fep0).rounded(.toNearestOrEven)
        let r = (x - k * ln2High) - k * ln2Low
        // |r| < 0.3466: the Taylor series to r^13.
        var sum = 1.0 / 6_227_020_800
        sum = sum * r + 1.0 / 479_001_600
        sum = sum * r + 1.0 / 39_916_800
        sum = sum * r + 1.0 / 3_628_800
        sum = sum * r + 1.0 / 362_880
        sum = sum * r + 1.0 / 40_320
        sum = sum * r + 1.0 / 5_040
        sum = sum * r + 1.0 / 720
        sum = sum * r + 1.0 / 120
        sum = sum * r + 1.0 / 24
        sum = sum * r + 1.0 / 6
        sum = sum * r + 0.5
        let value = 1 + (r + r * r * sum)
        let exponent = Int(k)
        // In two steps, so that a result below the normal numbers is rounded once.
        let first = exponent / 2
        return value * power(first) * power(exponent - first)
    }

    @inline(__always)
    private static func power(_ exponent: Int) -> Double { Double(bitPattern: UInt64(1023 &+ exponent) << 52) }

    /// ln(e^a + e^b).
    static func logAdd(_ a: Double, _ b: Double) -> Double {
        let (high, low) = a > b ? (a, b) : (b, a)
        guard low > -.infinity, high < .infinity else { return high }
        return high + log(1 + exp(low - high))
    }

    /// ln of the sum of e^x; -infinity for none.
    static func logSum(_ values: some Sequence<Double>) -> Double {
        var highest = -Double.infinity
        for value in values where value > highest { highest = value }
        guard highest > -.infinity, highest < .infinity else { return highest }
        var sum = 0.0
        for value in values { sum += exp(value - highest) }
        return highest + log(sum)
    }
}
