// Time and names from the system, for programs; tests pass their own.
import Foundation
import RecCore

/// The defaults for what ``RecommendationServer`` takes as parameters.
public enum SystemSource {
    /// The wall clock.
    @Sendable public static func now() -> Timestamp {
        Timestamp(milliseconds: Int64((Date().timeIntervalSince1970 * 1000).rounded(.down)))
    }

    /// A random UUID in lower case.
    @Sendable public static func identifier() -> String { UUID().uuidString.lowercased() }
}
