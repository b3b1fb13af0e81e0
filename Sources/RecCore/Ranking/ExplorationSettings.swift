// How much a model may explore: what calibration found, kept with the model.

/// The stochastic policy of a model: strengths that cost no more than a stated share of MAP@12 on validation.
public struct ExplorationSettings: Sendable, Hashable {
    /// The share of MAP@12 that it may cost, such as 0.03.
    public var loss: Double
    /// Nats that an item loses for each nat of its share of events.
    public var temper: Double
    /// Of Plackett-Luce, in nats.
    public var temperature: Double
    /// The same for users without a past, whose scores lie closer together.
    public var strangerTemperature: Double
    /// The place kept for items that were hardly shown.
    public var reserve: ComposedPolicy.Reserve?
    /// What stronger and weaker settings gave on validation, from selling (greedy) to discovering; empty where nothing was measured.
    public var frontier: [FrontierPoint] = []

    /// A policy, what it kept and what it showed.
    public struct FrontierPoint: Sendable, Hashable {
        /// Nats that an item loses for each nat of its share of events.
        public let temper: Double
        /// 0 = nothing is left to chance.
        public let temperature: Double
        /// Mean over validation users with a past.
        public let map12: Double
        /// Share of the first 12 places that show items outside the head, the 5 % of items that are taken most.
        public let tail: Double
        /// - Parameters:
        ///   - temper: of the policy.
        ///   - temperature: of the policy; 0 = greedy.
        ///   - map12: what it kept.
        ///   - tail: what it showed.
        public init(temper: Double, temperature: Double, map12: Double, tail: Double) {
            (self.temper, self.temperature, self.map12, self.tail) = (temper, temperature, map12, tail)
        }
        /// The policy of these strengths: Plackett-Luce, or greedy at temperature 0.
        public var policy: ComposedPolicy {
            temperature > 0
                ? ComposedPolicy(.plackettLuce(temperature: temperature), temper: temper)
                : ComposedPolicy(.greedy, temper: temper)
        }
    }

    /// Settings without a frontier.
    /// - Parameters:
    ///   - loss: share of MAP@12.
    ///   - temper: nats for each nat of an item's share of events.
    ///   - temperature: for users with a past, in nats.
    ///   - strangerTemperature: for those without, in nats.
    ///   - reserve: `nil` = no place is kept.
    public init(
        loss: Double = 0.03, temper: Double, temperature: Double, strangerTemperature: Double,
        reserve: ComposedPolicy.Reserve? = Self.standardReserve
    ) {
        (self.loss, self.temper, self.temperature) = (loss, temper, temperature)
        (self.strangerTemperature, self.reserve) = (strangerTemperature, reserve)
    }

    /// Place 4, for items shown fewer than 50 times.
    public static let standardReserve = ComposedPolicy.Reserve(place: 4, floor: 50)
    /// For models that were not calibrated, and data too few to calibrate on: careful.
    public static let standard = ExplorationSettings(temper: 0.05, temperature: 0.1, strangerTemperature: 0.05)

    /// The policy for a user with, or without, a past.
    public func policy(forStranger isStranger: Bool) -> ComposedPolicy {
        ComposedPolicy(
            .plackettLuce(temperature: isStranger ? strangerTemperature : temperature), temper: temper, reserve: reserve
        )
    }
}

/// Which policy a request, a variant or a server asks for.
public enum PolicyChoice: Sendable, Hashable {
    /// As written.
    case fixed(ComposedPolicy)
    /// The stochastic policy that the model was calibrated with.
    case stochastic

    /// The name of ``stochastic``.
    public static let stochasticName = "stochastic"
    /// The grammar, for people.
    public static let grammar = "\(stochasticName) (as training calibrated it), or " + ComposedPolicy.grammar

    /// - Throws: ``InvalidPolicy``.
    public init(_ text: String) throws(InvalidPolicy) {
        if text != Self.stochasticName, text.hasPrefix(Self.stochasticName) {
            throw InvalidPolicy(text: text, reason: "has something behind \(Self.stochasticName), which stands alone")
        }
        self = text == Self.stochasticName ? .stochastic : .fixed(try ComposedPolicy(text))
    }

    /// As the initialiser reads it.
    public var text: String {
        switch self {
        case .fixed(let policy): policy.text
        case .stochastic: Self.stochasticName
        }
    }
}
