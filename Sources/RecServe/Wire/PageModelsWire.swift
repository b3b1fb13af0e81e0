// The shapes in which the web page gets published models and a replay.
import RecCore

/// Published versions, newest first.
struct PageModelsWire: Encodable {
    private struct Row: Encodable {
        let name: String
        let map12: Double
        let low: Double
        let high: Double
    }
    private struct Week: Encodable {
        let end: String?
        /// From the first to the last; nil where the data have no times.
        let days: Int?
        let customers: Int
        let rows: [Row]
    }
    private struct Judgement: Encodable {
        let days: Double
        let weeks: [Week]
    }
    private struct Model: Encodable {
        let version: String
        let created: String
        let current: Bool
        let inService: Bool
        var dimension: Int?
        var events: Int?
        var customers: Int?
        var items: Int?
        var last: String?
        var metrics: [String: Double]?
        var judgement: Judgement?
        enum CodingKeys: String, CodingKey {
            case version, created, current, dimension, events, customers, items, last, metrics, judgement
            case inService = "in_service"
        }
    }
    private let models: [Model]

    init(_ models: [ModelSummary], inService: Set<ModelVersion>) {
        self.models = models.map { summary in
            var model = Model(
                version: summary.version.rawValue, created: summary.created.iso8601, current: summary.isCurrent,
                inService: inService.contains(summary.version))
            guard let details = summary.details else { return model }
            (model.dimension, model.events) = (details.dimension, details.events)
            (model.customers, model.items, model.last) = (details.users, details.items, details.last.iso8601)
            model.metrics = Dictionary(
                details.metrics.map { ($0.key.lowercased(), $0.value) }, uniquingKeysWith: { first, _ in first })
            model.judgement = details.judgement.map { judgement in
                Judgement(
                    days: judgement.days,
                    weeks: judgement.windows.map { window in
                        Week(
                            end: window.last?.dayText, days: window.days, customers: window.users,
                            rows: window.rows.map {
                                Row(name: $0.name, map12: $0.map12, low: $0.low, high: $0.high)
                            })
                    })
            }
            return model
        }
    }
}

extension ModelJudgement.Window {
    /// Days from the first to the last, both counted.
    fileprivate var days: Int? {
        guard let first, let last else { return nil }
        // As numbers that do not overflow: a manifest may hold any moment.
        let length = Double(last.milliseconds) - Double(first.milliseconds)
        return Int(length / Double(Timestamp.millisecondsPerDay)) + 1
    }
}

/// `{"speed": 86400}`; null = as fast as possible.
struct ReplayRequestWire: Decodable {
    private let given: Double?
    private enum CodingKeys: String, CodingKey, CaseIterable { case speed }

    init(from decoder: any Decoder) throws {
        given = try decoder.fields(CodingKeys.self).optional(Double.self, .speed)
    }

    func speed() throws(Problem) -> Double? {
        guard let given else { return nil }
        guard given.isFinite, (1...1e9).contains(given) else {
            throw .invalid("is not in 1...1000000000, nor null", pointer: "/speed")
        }
        return given
    }
}

/// How a replay goes.
struct ReplayWire: Encodable {
    private struct Windows: Encodable {
        let customers: Int
        let full: Int
        let filling: [Int]
    }
    private struct Event: Encodable {
        let customer: String
        let item: String
        let name: String
        let kind: String
        let timestamp: String
    }
    private let available: Bool
    private let running: Bool
    private let speed: Double?
    private let sent: Int
    private let total: Int
    private let at: String?
    private let eventsPerSecond: Double
    private let lag: Int
    private let windows: Windows
    private let recent: [Event]
    private let failed: String?
    private enum CodingKeys: String, CodingKey {
        case available, running, speed, sent, total, at, lag, windows, recent, failed
        case eventsPerSecond = "events_per_second"
    }

    /// - Parameter names: of the items that the model knows.
    init(_ view: ReplayView?, names: [ItemID: String]) {
        available = view != nil
        let view = view ?? ReplayView()
        (running, speed, sent, total) = (view.isRunning, view.speed, view.sent, view.total)
        (at, eventsPerSecond, lag) = (view.at?.iso8601, view.eventsPerSecond, view.lag)
        windows = Windows(customers: view.windows, full: view.fullWindows, filling: view.filling)
        recent = view.recent.map {
            Event(
                customer: $0.user.rawValue, item: $0.item.rawValue, name: names[$0.item] ?? $0.item.rawValue,
                kind: $0.kind.rawValue, timestamp: $0.timestamp.iso8601)
        }
        // Reasons of stores are for the operator.
        failed = view.failure == nil ? nil : "a store failed; the server's log says why"
    }
}
