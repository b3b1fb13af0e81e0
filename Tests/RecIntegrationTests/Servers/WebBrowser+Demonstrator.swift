// The demonstrator's views, and what stands in them.
import Foundation
import Testing

extension WebBrowser {
    enum View: String, CaseIterable { case shop, explore, search, stream, models }

    /// Loads the page and waits for a view's data.
    func visit(_ view: View) async throws {
        let server = try #require(DemonstratorTrait.server)
        // From an empty page: another fragment alone would load nothing.
        try await open("about:blank")
        try await open(server.address + "/#/" + view.rawValue)
        try await waitFor(.ready(view), within: .seconds(60))
    }

    /// Goes to a view as a visitor does.
    func go(to view: View) async throws {
        try await click("nav a[href='#/\(view.rawValue)']")
        try await waitFor(.ready(view), within: .seconds(60))
        try await waitUntilQuiet()
    }

    func ids(_ cards: String) async throws -> [String] { try await attributes("data-id", of: cards) }

    /// The lines of the window, the newest first.
    func window() async throws -> [String] {
        try await execute("return [...document.querySelectorAll('ol#window > li')].map(line => line.textContent)")
    }

    struct Slate {
        let policy: String
        let ids: [String]
        let propensities: [Double]
        /// Where the frontier's point is.
        let point: String
    }

    func slate() async throws -> Slate {
        let point = try await execute(
            """
            const point = document.querySelector('svg#frontier circle.now')?.getBoundingClientRect();
            return point ? `${point.x + scrollX} ${point.y + scrollY}` : '';
            """, as: String.self)
        return Slate(
            policy: try await text("#policy"), ids: try await ids(".slate .card[data-id]"),
            propensities: try await values(of: ".slate .card-propensity"), point: point)
    }

    struct Replay: Decodable {
        struct Windows: Decodable {
            let customers: Int
            let filling: [Int]
        }
        let running: Bool
        let windows: Windows
    }

    /// What the server tells of the replay.
    func replay() async throws -> Replay {
        try await executeAsync("return await (await fetch('/page/data/replay')).json()")
    }

    /// The version that the server tells to be the current one.
    func currentModel() async throws -> String {
        try await executeAsync(
            """
            const { models } = await (await fetch('/page/data/models')).json();
            return models.find(model => model.current).version;
            """)
    }

    /// Waits until the current version is as wanted, and the page's status line tells it.
    func waitForModel(_ isWanted: (String) -> Bool) async throws -> String {
        var version = ""
        try await eventually("another current version", within: .seconds(60)) {
            version = try await currentModel()
            return isWanted(version)
        }
        try await waitUntil(
            "the status line tells \(version)",
            """
            return [...document.querySelectorAll('header, footer, [role=status]')]
                .some(part => part.textContent.includes(arguments[0]));
            """, [version])
        return version
    }
}

/// Selectors of the page's parts.
extension String {
    static let problem = ".problem[role=alert]"
    static func ready(_ view: WebBrowser.View) -> String { "body[data-ready='\(view.rawValue)']" }
    static func cards(_ mode: String) -> String { "section.shelf[data-mode='\(mode)'] .card[data-id]" }
}
