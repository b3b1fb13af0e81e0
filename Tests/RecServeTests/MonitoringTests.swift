// Alerts, dashboard and runbook name what servers and stream processors tell, and each other.
import Foundation
import Hummingbird
import HummingbirdTesting
import RecCore
import Testing

@testable import RecServe

@Suite struct MonitoringTests {
    /// Every series of a server and a stream processor to which all kinds of things happened: labels by the name of the series.
    private struct Told {
        var series: [String: [[String: String]]] = [:]
        var families: Set<String> = []

        init(_ text: String) throws {
            for line in text.split(separator: "\n") {
                if line.hasPrefix("# TYPE ") { families.insert(String(line.split(separator: " ")[2])) }
                guard !line.hasPrefix("#"), let end = line.firstIndex(where: { $0 == "{" || $0 == " " }) else {
                    continue
                }
                let labels = line.matches(of: /(\w+)="((?:[^"\\]|\\.)*)"/).map { (String($0.1), String($0.2)) }
                series[String(line[..<end]), default: []].append(Dictionary(uniqueKeysWithValues: labels))
            }
        }

        func labels(of metric: String) -> Set<String> { Set(series[metric, default: []].flatMap(\.keys)) }
        func values(_ metric: String, _ label: String) -> [String] {
            series[metric, default: []].compactMap { $0[label] }
        }
    }

    /// Requests of every kind, with a store that fails, keys and an experiment; then a scrape.
    private func told() async throws -> Told {
        var settings = RecommendationEngine.Configuration()
        settings.experiment = try Experiment(
            json: Data(#"{"name":"t","variants":[{"name":"a","share":1,"model_version":"v1"}]}"#.utf8))
        let shop = try await TestShop()
        let (stores, metrics) = (shop.stores, ServerMetrics())
        // Once open it stays open.
        var breaker = CircuitBreaker.Settings()
        (breaker.firstPause, breaker.longestPause) = (.seconds(3600), .seconds(3600))
        let guarded = GuardedStores(
            sessions: stores.sessions, log: stores.log, users: stores.users, metrics: metrics,
            deadlines: GuardedStores.Deadlines(), breaker: breaker, clock: EndlessClock())
        let engine = RecommendationEngine(
            sessions: guarded.sessions, log: guarded.log, impressions: stores.impressions, catalog: stores.catalog,
            users: guarded.users, models: stores.models, configuration: settings)
        try await engine.reload()
        try await engine.loadExperiment()
        let (key, line) = APIKey.make(name: "t", scopes: Set(Scope.allCases))
        let file = try KeyFile([line])
        let server = RecommendationServer(
            engine: engine,
            configuration: try ServerConfiguration(
                admin: .init(port: 0), keys: try KeyRing(path: file.path)),
            metrics: metrics, logger: shop.logger, now: { TestShop.noon }, clock: EndlessClock())
        let event = #"{"user":"user-1","item":"odd-1"}"#
        stores.faults.fail("log.append", .timeout, skipping: 1)
        stores.faults.fail("sessions.states", .unavailable, times: .max)
        let calls: [(HTTPRequest.Method, String, String?, String)] =
            [
                (.post, "/v1/events", event, key), (.post, "/v1/events", event, key), (.post, "/v1/events", "{", key),
                (.post, "/v1/models/v9/activate", nil, key), (.get, "/v1/models", nil, "wrong"),
                (.get, "/healthz", nil, key), (.get, "/readyz", nil, key),
            ] + Array(repeating: (.get, "/v1/users/user-1/recommendations", nil, key), count: 7)
        try await server.application().test(.router) { client in
            for (method, uri, body, key) in calls {
                _ = try await client.execute(
                    uri: uri, method: method, headers: [.apiKey: key], body: body.map { ByteBuffer(string: $0) })
            }
        }
        let bad = try KeyFile(["not a key"])
        var look = KeyLook(ring: try KeyRing(path: file.path), metrics: metrics)
        look.reload(shop.logger)
        try FileManager.default.removeItem(atPath: file.path)
        try FileManager.default.moveItem(atPath: bad.path, toPath: file.path)
        look.reload(shop.logger)
        // DependencyTests fill a bulkhead.
        metrics.called(.sessions, "sessions.states", result: "full", in: .zero)
        return try await server.operatorsApplication(.init(port: 0)).test(.router) { client in
            // A scrape tells of those before it.
            for uri in ["/version", "/metrics"] { _ = try await client.execute(uri: uri, method: .get) }
            let text = String(buffer: try await client.execute(uri: "/metrics", method: .get).body)
            let stream = StreamMetrics()
            stream.behind(3)
            return try Told(text + stream.text)
        }
    }

    @Test func everyMetricAndLabelOfRulesAndDashboardIsTold() async throws {
        let (files, told) = (try MonitoringFiles(), try await told())
        let recorded = Set(files.rules.filter { !$0.isAlert }.map(\.name))
        // What Prometheus adds to each series, and what rules make.
        let added: Set = ["job", "instance"]
        let queries = files.rules.map { ($0.name, $0.query) } + files.panels.map { ($0.title, $0.query) }

        #expect(files.rules.count > 20 && files.panels.count > 30)
        for (title, text) in queries {
            let query = PromQuery(text)
            let own = query.metrics.subtracting(recorded).subtracting(["up"])
            #expect(!query.metrics.isEmpty, "\(title): \(text)")
            for metric in own { #expect(told.series[metric] != nil, "\(title): \(metric)") }
            let labels = own.reduce(into: added) { $0.formUnion(told.labels(of: $1)) }
            #expect(query.groupings.isSubset(of: labels), "\(title): \(query.groupings.subtracting(labels))")
            for condition in query.conditions where !added.contains(condition.label) {
                let values = told.values(condition.metric, condition.label)
                for choice in condition.value.split(separator: "|") {
                    let pattern = try Regex(condition.comparison.hasSuffix("~") ? String(choice) : "\\Q\(choice)\\E")
                    #expect(
                        values.contains { $0.wholeMatch(of: pattern) != nil },
                        "\(title): \(condition.metric), \(condition.label) \(choice)")
                }
            }
        }
    }

    @Test func everyMetricIsDescribedToldAndOnTheDashboard() async throws {
        let (files, told) = (try MonitoringFiles(), try await told())
        let shown = files.panels.reduce(into: Set<String>()) { $0.formUnion(PromQuery($1.query).metrics) }
        var described = ServerMetrics().registry.describedNames.union(StreamMetrics().describedNames)
        // Other systems than Linux tell when the process began and nothing else; a limit that there is not is not told.
        let process = ProcessFigures.now()
        if process.threads == nil {
            described = described.filter { !$0.hasPrefix("process_") || $0 == "process_start_time_seconds" }
        }
        if process.mostFiles == nil { described.remove("process_max_fds") }

        #expect(told.families == described)
        for family in described {
            let names: Set = [family, family + "_bucket", family + "_count", family + "_sum"]
            #expect(!shown.isDisjoint(with: names), "no panel shows \(family)")
        }
    }

    @Test func everyAlertHasItsSectionOfTheRunbookAndEverySectionItsAlert() throws {
        let files = try MonitoringFiles()
        let alerts = files.rules.filter(\.isAlert)

        #expect(alerts.count > 20)
        #expect(files.sections == alerts.map(\.name))
        for alert in alerts { #expect(alert.runbook == "Docs/Operations.md#\(alert.name.lowercased())") }
    }

    @Test func everyAlertIsSeenFiringAndSilent() throws {
        let files = try MonitoringFiles()
        let alerts = Set(files.rules.filter(\.isAlert).map(\.name))

        #expect(files.firing == alerts)
        #expect(files.silent == alerts)
    }

    @Test func queriesAreReadByTheirWords() {
        let query = PromQuery(
            #"sum by (job, le) (rate(a_total{x=~"5..|}(",y!="$z"}[5m])) / on (job) group_left () b:c > 3.2e9 and d offset 1h"#
        )

        #expect(query.metrics == ["a_total", "b:c", "d"])
        #expect(query.groupings == ["job", "le"])
        #expect(
            query.conditions == [
                .init(metric: "a_total", label: "x", comparison: "=~", value: "5..|}("),
                .init(metric: "a_total", label: "y", comparison: "!=", value: "$z"),
            ])
    }
}
