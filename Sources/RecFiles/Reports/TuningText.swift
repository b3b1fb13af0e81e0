// A line of the table of a tuning run.
import Foundation
import RecCore

extension TuningTrial {
    /// Titles of ``line``.
    public static var header: String {
        columns([
            "factors", "regular.", "unobserved", "half-life", "attributes", "exposure", "value", "gain", "s", "",
        ])
    }

    /// The trial in columns: settings, figure of the blend, gain over the best so far with its standard error.
    public var line: String {
        Self.columns([
            "\(als.dimension)", String(format: "%.3g", als.regularization),
            String(format: "%.3g", als.unobservedWeight),
            halfLifeDays.map { String(format: "%.3g d", $0) } ?? "none", als.usesAttributes ? "yes" : "no",
            als.usesExposure ? "yes" : "no", String(format: "%.4f", value),
            error > 0 ? String(format: "%+.4f \u{b1} %.4f", gain, error) : "", String(format: "%.0f", seconds),
            isKept ? "kept" : "",
        ])
    }

    private static func columns(_ texts: [String]) -> String {
        zip(texts, [8, 9, 11, 10, 11, 9, 8, 18, 5, 4]).map { $0.padded(to: $1) }.joined()
    }
}
