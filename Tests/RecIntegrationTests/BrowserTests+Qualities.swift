// What holds in every view of the demonstrator's page: no errors, accessible, by keyboard, few bytes, few round trips.
import Foundation
import Testing

extension BrowserTests {
    /// How a page may be looked at.
    enum Look: String, CaseIterable, Sendable {
        case light, dark
        case lightPhone = "light-phone"
        case darkPhone = "dark-phone"
        var isDark: Bool { self == .dark || self == .darkPhone }
        var size: WebBrowser.Size { self == .light || self == .dark ? .desktop : .phone }
    }

    @Test(arguments: Look.allCases) func noViewTroublesTheConsole(_ look: Look) async throws {
        try await WebBrowser.with(look.size, dark: look.isDark) { browser in
            try await browser.visit(.shop)
            for view in WebBrowser.View.allCases {
                try await browser.go(to: view)
                let problems = try await browser.consoleProblems()
                let alerts = try await browser.count(.problem)
                #expect(problems == [], "\(view)")
                #expect(alerts == 0, "\(view)")
            }
        }
    }

    @Test(arguments: Look.allCases) func everyViewFitsItsWindow(_ look: Look) async throws {
        try await WebBrowser.with(look.size, dark: look.isDark) { browser in
            for view in WebBrowser.View.allCases {
                try await browser.visit(view)
                try await browser.waitUntilQuiet()
                let tooWide = try await browser.execute(
                    "return document.documentElement.scrollWidth - document.documentElement.clientWidth", as: Int.self)
                let picture = try await browser.screenshot("\(view)-\(look.rawValue)")
                #expect(tooWide == 0, "\(view)")
                #expect(picture.count > 5_000, "\(view)")
            }
        }
    }

    private static let axe = ProcessInfo.processInfo.environment["REC_AXE"].flatMap { $0.isEmpty ? nil : $0 }

    @Test(.enabled(if: axe != nil, "REC_AXE names no axe.min.js; Scripts/axe fetches it"), arguments: Look.allCases)
    func noViewBreaksARuleOfAccessibility(_ look: Look) async throws {
        let axe = try String(contentsOfFile: try #require(Self.axe), encoding: .utf8)
        try await WebBrowser.with(look.size, dark: look.isDark) { browser in
            for view in WebBrowser.View.allCases {
                try await browser.visit(view)
                try await browser.waitUntilQuiet()
                let isLoaded = try await browser.execute(
                    axe + "\n;return typeof window.axe === 'object'", as: Bool.self)
                let found = try await browser.executeAsync(
                    """
                    const { violations } = await window.axe.run(document, { resultTypes: ["violations"] });
                    return violations.filter(rule => ["serious", "critical"].includes(rule.impact)).map(rule =>
                        `${rule.id}: ${rule.help}: ` + rule.nodes.slice(0, 5).map(node => node.target.join(" ")).join(", "));
                    """, as: [String].self)
                #expect(isLoaded)
                #expect(found == [], "\(view)")
            }
        }
    }

    @Test func theKeyboardReachesAndOpensEverything() async throws {
        try await WebBrowser.with { browser in
            try await browser.visit(.shop)
            try await browser.waitUntilQuiet()

            let isAtNavigation = try await browser.tab(to: "nav a[href='#/explore']", atMost: 300)
            try await browser.press(.enter)
            try await browser.waitFor(.ready(.explore))
            let title = try await browser.waitUntil(
                "the focus is on the heading", "return document.activeElement?.tagName === 'H1'")
            try await browser.visit(.shop)
            try await browser.waitUntilQuiet()
            let isAtCustomer = try await browser.tab(to: "button.customer[data-id]", atMost: 300)
            try await browser.press(.enter)
            try await browser.waitUntilQuiet()
            try await browser.waitFor(.cards("auto"))
            let window = try await browser.window()
            let isAtCard = try await browser.tab(to: .cards("auto") + " button.card-open", atMost: 300)
            try await browser.press(.enter)
            try await browser.waitUntil(
                "the window tells what Enter opened",
                """
                const texts = [...document.querySelectorAll('ol#window > li')].map(line => line.textContent);
                return texts.length > 0 && texts.join() !== arguments[0].join();
                """, [window])

            #expect(isAtNavigation)
            #expect(title)
            #expect(isAtCustomer)
            #expect(isAtCard)
        }
    }

    @Test func judgementsOfDataWithoutTimesAreDrawnByNumber() async throws {
        try await WebBrowser.with { browser in
            try await browser.visit(.models)
            let dates = try await browser.executeAsync(
                """
                const { weeksOf } = await import('/page/weeks.js');
                const rows = [{ name: 'model', map12: 0.2, low: 0.1, high: 0.3 }, { name: 'popular', map12: 0.1, low: 0.05, high: 0.15 }];
                const { node, end } = weeksOf({ version: 'v1', judgement: { days: 7, weeks: [{ customers: 9, rows }, { customers: 8, rows }] } });
                document.body.append(node);
                end();
                const found = [...node.querySelectorAll('tbody tr')].map(row => row.firstChild.textContent);
                node.remove();
                return found;
                """, as: [String].self)
            #expect(dates == ["hold-out 1", "hold-out 2"])
        }
    }

    @Test(arguments: [WebBrowser.Size.desktop, .phone]) func theWeeksGoFromLeftToRight(_ size: WebBrowser.Size)
        async throws
    {
        try await WebBrowser.with(size) { browser in
            try await browser.visit(.models)
            try await browser.waitFor("svg#weeks path.line.series-0")
            // Of `M12.3 45.6L78.9 12.3`: every second number.
            let places = try await browser.execute(
                """
                const numbers = document.querySelector('svg#weeks path.line.series-0').getAttribute('d').match(/[0-9.]+/g);
                return numbers.filter((_, place) => place % 2 === 0).map(Number);
                """, as: [Double].self)
            #expect(places.count >= 2 && places == places.sorted())
            #expect((places.last ?? 0) - (places.first ?? 0) > Double(size.width) / 3)
        }
    }

    @Test func theFirstViewNeedsFewRoundTrips() async throws {
        try await WebBrowser.with { browser in
            try await browser.setLatency(.seconds(1))

            try await browser.visit(.shop)
            // Since the navigation began, with the driver's few milliseconds.
            let milliseconds = try await browser.execute("return performance.now()", as: Double.self)

            print("the first view at 1,000 ms of latency: \(milliseconds) ms")
            #expect(milliseconds > 1_000 && milliseconds < 9_000)
        }
    }

    @Test func thePageIsSmallAndAsksNoOtherHost() async throws {
        struct Resource: Decodable {
            let name: String
            let bytes: Int
        }
        let server = try #require(DemonstratorTrait.server)
        try await WebBrowser.with { browser in
            try await browser.visit(.shop)
            for view in WebBrowser.View.allCases { try await browser.go(to: view) }

            let all = try await browser.execute(
                """
                return [...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")]
                    .map(entry => ({ name: entry.name.split("#")[0], bytes: entry.decodedBodySize }));
                """, as: [Resource].self)
            let kept = all.filter { resource in
                resource.name == server.address + "/"
                    || [".js", ".css", ".svg"].contains { resource.name.hasSuffix($0) }
            }
            let files = Dictionary(kept.map { ($0.name, $0.bytes) }, uniquingKeysWith: max)

            let bytes = files.values.reduce(0, +)
            print("the page: \(bytes) bytes in \(files.count) files")
            #expect(files.count > 2 && files.values.allSatisfy { $0 > 0 })
            #expect(bytes < 300_000)
            #expect(all.filter { !$0.name.hasPrefix(server.address + "/") }.map(\.name) == [])
        }
    }

    @Test func somethingIsPaintedSoon() async throws {
        try await WebBrowser.with { browser in
            try await browser.visit(.shop)
            let milliseconds = try await browser.waitUntil(
                "a first paint", "return performance.getEntriesByName('first-contentful-paint')[0]?.startTime",
                as: Double.self)

            print("first contentful paint: \(milliseconds) ms")
            // A tenth of it is usual; machines under test are busy.
            #expect(milliseconds < 3_000)
        }
    }
}
