// How a model of the same settings did on days it had not seen, next to the baselines.

/// Figures of reserved windows, kept with the model that was trained on everything afterwards.
///
/// They are of models of the same settings that learned from what came before each window, not of the kept model itself, which has
/// seen those days.
public struct ModelJudgement: Sendable, Hashable {
    /// MAP@12 of one way to recommend.
    public struct Row: Sendable, Hashable {
        /// The line of the report that it is from.
        public let name: String
        /// Mean over users, 0...1.
        public let map12: Double
        /// The 95 % interval over users; both are `map12` where there are too few users for one.
        public let low: Double
        /// The upper end of the interval.
        public let high: Double
        /// - Parameters:
        ///   - name: line of the report.
        ///   - map12: mean over users.
        ///   - low: lower end of the 95 % interval.
        ///   - high: upper end.
        public init(name: String, map12: Double, low: Double, high: Double) {
            (self.name, self.map12, self.low, self.high) = (name, map12, low, high)
        }
    }
    /// One reserved window.
    public struct Window: Sendable, Hashable {
        /// First moment of the window; `nil` for a random hold-out.
        public let first: Timestamp?
        /// Its last event; `nil` for a random hold-out.
        public let last: Timestamp?
        /// Users who took something in the window.
        public let users: Int
        /// The model first, then the baselines.
        public let rows: [Row]
        /// - Parameters:
        ///   - first: `nil` for a random hold-out.
        ///   - last: `nil` for a random hold-out.
        ///   - users: who took something in the window.
        ///   - rows: the model first.
        public init(first: Timestamp?, last: Timestamp?, users: Int, rows: [Row]) {
            (self.first, self.last, self.users, self.rows) = (first, last, users, rows)
        }
    }

    /// Days of each window that were asked for; where little happened a window is another one.
    public let days: Double
    /// The oldest first.
    public let windows: [Window]
    /// - Parameters:
    ///   - days: of each window, as asked for.
    ///   - windows: the oldest first.
    public init(days: Double, windows: [Window]) { (self.days, self.windows) = (days, windows) }
}

extension ModelManifest {
    /// A ``ModelJudgement`` in the manifest.
    struct Judgement: Codable {
        struct Row: Codable {
            let name: String
            let map12: Double
            let low: Double
            let high: Double
        }
        struct Window: Codable {
            let firstMilliseconds: Int64?
            let lastMilliseconds: Int64?
            let users: Int
            let rows: [Row]
        }
        let days: Double
        let windows: [Window]

        init(_ judgement: ModelJudgement) {
            days = judgement.days
            windows = judgement.windows.map { window in
                Window(
                    firstMilliseconds: window.first?.milliseconds, lastMilliseconds: window.last?.milliseconds,
                    users: window.users,
                    rows: window.rows.map { Row(name: $0.name, map12: $0.map12, low: $0.low, high: $0.high) })
            }
        }

        var judgement: ModelJudgement {
            ModelJudgement(
                days: days,
                windows: windows.map { window in
                    ModelJudgement.Window(
                        first: window.firstMilliseconds.map { Timestamp(milliseconds: $0) },
                        last: window.lastMilliseconds.map { Timestamp(milliseconds: $0) }, users: window.users,
                        rows: window.rows.map {
                            ModelJudgement.Row(name: $0.name, map12: $0.map12, low: $0.low, high: $0.high)
                        })
                })
        }
    }
}
