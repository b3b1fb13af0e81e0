// What an evaluation found.

/// One line of a report.
public struct EvaluationRow: Sendable {
    /// The model, or a name of ``Baselines``.
    public let name: String
    /// Metric to mean over users.
    public let metrics: [String: Double]
    /// Metric to its 95 % interval; empty for fewer than two users.
    public let intervals: [String: Interval]
    /// How much higher the MAP@12 of the model is, user by user; `nil` for the model itself.
    public let lead: Double?
    /// The 95 % interval of ``lead``; `nil` for the model itself and for fewer than two users.
    public let leadInterval: Interval?
}

/// The same lines for some of the users.
public struct EvaluationSegment: Sendable {
    /// `warm`: 5 past items or more; `few`: 1 to 4; `none`; `cold items`: users who took an item without a training event,
    /// judged by these items alone in the whole catalogue.
    public let name: String
    /// Users of the segment.
    public let users: Int
    /// The model first, then the baselines; empty without users.
    public let rows: [EvaluationRow]
}

/// One reserved window.
public struct EvaluationReport: Sendable {
    /// First moment of the reserved window; `nil` for a random hold-out.
    public let cut: Timestamp?
    /// The last event of the window; `nil` for a random hold-out.
    public let last: Timestamp?
    /// Users who took something in the window.
    public let users: Int
    /// Those of them with events before it.
    public let usersWithHistory: Int
    /// The model first, then the baselines.
    public let rows: [EvaluationRow]
    /// Warm users, those with few events, those with none, and users who took cold items.
    public let segments: [EvaluationSegment]
    /// Figures of each user, a column a line.
    let figures: WindowFigures
    let names: [String]

    /// The columns of a report, in their order.
    public static var metricNames: [String] { UserMetric.allCases.map(\.name) + ["Coverage@12", "Novelty@12"] }
}

/// Several windows, one behind the other.
public struct FoldedEvaluation: Sendable {
    /// The last window first.
    public let folds: [EvaluationReport]
    /// Windows that could not be judged, and why.
    public let skipped: [String]
    /// What a reader of the figures should know of how they came about.
    public var notes: [String] = []
    /// Each week counts the same, however many users it has: means of the windows' means, and intervals of these.
    public let rows: [EvaluationRow]

    /// What was known a window ago; `nil` where there is one window only.
    public var withoutNewest: FoldedEvaluation? {
        folds.count > 1 ? FoldedEvaluation(Array(folds.dropFirst()), skipped: skipped) : nil
    }

    init(_ folds: [EvaluationReport], skipped: [String]) {
        (self.folds, self.skipped) = (folds, skipped)
        guard let first = folds.first, folds.count > 1 else {
            rows = folds.first?.rows ?? []
            return
        }
        // A baseline that a fold does not have is no line of the whole.
        let names = first.names.filter { name in folds.allSatisfy { $0.names.contains(name) } }
        let windows = folds.map { fold in
            WindowFigures(
                users: fold.figures.users,
                columns: names.map { name in fold.names.firstIndex(of: name).map { fold.figures.columns[$0] } ?? [] })
        }
        let listWide = EvaluationReport.metricNames.filter { name in !UserMetric.allCases.contains { $0.name == name } }
        let extra = names.map { name in
            let rows = folds.compactMap { fold in fold.rows.first { $0.name == name } }
            return Dictionary(
                uniqueKeysWithValues: listWide.map { metric in
                    (metric, rows.reduce(0) { $0 + ($1.metrics[metric] ?? 0) } / Double(max(1, rows.count)))
                })
        }
        rows = EvaluationRow.make(names, windows, extra: extra)
    }
}

extension EvaluationRow {
    /// Lines of columns of figures; the first column is the model.
    /// - Parameter extra: list-wide figures of each line.
    static func make(_ names: [String], _ windows: [WindowFigures], extra: [[String: Double]] = []) -> [EvaluationRow] {
        let samples = Bootstrap.means(windows)
        let means = names.indices.map { place in
            windows.reduce(SIMD8<Double>.zero) { sum, window in
                let column = window.columns[place]
                return sum + column.reduce(.zero) { $0 + SIMD8<Double>($1) }
                    / Double(max(1, column.count) * windows.count)
            }
        }
        return names.indices.map { place in
            var metrics = place < extra.count ? extra[place] : [:]
            var intervals: [String: Interval] = [:]
            for metric in UserMetric.allCases {
                metrics[metric.name] = means[place][metric.rawValue]
                intervals[metric.name] = Bootstrap.interval(samples.map { Double($0[place][metric.rawValue]) })
            }
            let lane = UserMetric.map12.rawValue
            return EvaluationRow(
                name: names[place], metrics: metrics, intervals: intervals,
                lead: place == 0 ? nil : means[0][lane] - means[place][lane],
                leadInterval: place == 0
                    ? nil : Bootstrap.interval(samples.map { Double($0[0][lane] - $0[place][lane]) }))
        }
    }
}
