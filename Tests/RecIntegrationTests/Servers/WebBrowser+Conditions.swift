// Under which conditions a page is shown, through the DevTools protocol: size, theme, network; and what is recorded of it.
import Foundation

extension WebBrowser {
    /// Counts the page's questions for ``waitUntilQuiet(within:)``, and has all its requests recorded.
    private static let counting = """
        performance.setResourceTimingBufferSize(10000);
        window.__requests = { open: 0, last: 0 };
        {
            const ask = window.fetch;
            window.fetch = (...given) => {
                window.__requests.open += 1;
                return ask(...given).finally(() => {
                    window.__requests.open -= 1;
                    window.__requests.last = performance.now();
                });
            };
        }
        """

    /// Size and theme, and what every document runs first.
    func prepare(_ size: Size, dark: Bool) async throws {
        let _: Anything = try await devTools("Page.addScriptToEvaluateOnNewDocument", ["source": Self.counting])
        try await setSize(size)
        try await setTheme(dark: dark)
    }

    /// The size of the page; a narrow one is a phone's.
    func setSize(_ size: Size) async throws {
        let _: Anything = try await devTools(
            "Emulation.setDeviceMetricsOverride",
            [
                "width": size.width, "height": size.height, "deviceScaleFactor": 1, "mobile": size.width < 600,
            ])
    }

    /// What `prefers-color-scheme` tells the page.
    func setTheme(dark: Bool) async throws {
        let _: Anything = try await devTools(
            "Emulation.setEmulatedMedia",
            ["features": [["name": "prefers-color-scheme", "value": dark ? "dark" : "light"]]])
    }

    /// Every answer comes so much later.
    func setLatency(_ latency: Duration) async throws {
        let _: Anything = try await devTools("Network.enable")
        let _: Anything = try await devTools(
            "Network.emulateNetworkConditions",
            [
                "offline": false, "latency": latency / .milliseconds(1), "downloadThroughput": -1,
                "uploadThroughput": -1,
            ])
    }

    // MARK: Records

    /// What the console was told since the last question and should not have been: errors, failed requests, and what the content
    /// security policy forbade.
    func consoleProblems() async throws -> [String] {
        struct Entry: Decodable {
            let level: String
            let message: String
        }
        let entries: [Entry] = try await command("POST", "se/log", ["type": "browser"])
        return entries.filter { $0.level == "SEVERE" || $0.message.contains("Content Security Policy") }
            .map { "\($0.level): \($0.message)" }
    }

    /// A folder of pictures: `REC_SCREENSHOTS`, or one beside what the build made.
    static let screenshots = URL(
        filePath: ProcessInfo.processInfo.environment["REC_SCREENSHOTS"].flatMap { $0.isEmpty ? nil : $0 }
            ?? ".build/screenshots")

    /// Saves a picture of the whole page as `NAME.png`. - Returns: its bytes.
    @discardableResult
    func screenshot(_ name: String) async throws -> Data {
        let size: [String: Double] = try await execute(
            """
            const page = document.documentElement;
            return { width: page.clientWidth, height: Math.min(page.scrollHeight, 6000) };
            """)
        let clip = size.merging(["x": 0, "y": 0, "scale": 1]) { one, _ in one }
        return try await capture(
            name + ".png", ["format": "png", "captureBeyondViewport": true, "clip": clip])
    }

    /// Saves a small picture of what a visitor has before him as `NAME.webp`. - Returns: its bytes.
    @discardableResult
    func picture(_ name: String) async throws -> Data {
        try await capture(name + ".webp", ["format": "webp", "quality": 80])
    }

    private func capture(_ file: String, _ how: [String: Any]) async throws -> Data {
        struct Picture: Decodable { let data: Data }
        let picture = try await devTools("Page.captureScreenshot", how, as: Picture.self)
        try FileManager.default.createDirectory(at: Self.screenshots, withIntermediateDirectories: true)
        try picture.data.write(to: Self.screenshots.appending(path: file))
        return picture.data
    }
}
