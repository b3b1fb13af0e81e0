// A headless Chromium of a test's own, driven through chromedriver (W3C WebDriver, https://www.w3.org/TR/webdriver2/).
import Foundation

/// A browser with an empty profile, in a process group of its own; nothing of it is left after ``close()``.
///
/// Unchecked: everything is set at the start, and `Process` may be asked from any thread.
final class WebBrowser: @unchecked Sendable {
    static let isInstalled = program("chromedriver") != nil && chromium != nil

    private static let chromium = program("chromium") ?? program("chromium-browser") ?? program("google-chrome")

    /// Where a program of the search path lies.
    private static func program(_ name: String) -> URL? {
        let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin").split(separator: ":").map(String.init)
        return folders.map { URL(filePath: $0).appending(path: name) }
            .first { FileManager.default.isExecutableFile(atPath: $0.path) }
    }

    /// What the driver refuses, in WebDriver's words, or what the harness found.
    struct Failure: Error, CustomStringConvertible {
        /// WebDriver's error code, such as `stale element reference`.
        let code: String
        let text: String
        var description: String { "\(code): \(text)" }
    }

    /// Width and height of what a page has to show itself in, in CSS pixels.
    struct Size: Sendable {
        let width: Int
        let height: Int
        static let desktop = Size(width: 1280, height: 900)
        static let phone = Size(width: 390, height: 844)
    }

    private let driver: Process
    private let port: Int
    private let profile: URL
    private let session: String

    /// Opens a browser, lends it, and closes it whatever happens.
    static func with<Result: Sendable>(
        _ size: Size = .desktop, dark: Bool = false, _ body: (WebBrowser) async throws -> Result
    ) async throws -> Result {
        let browser = try await WebBrowser(size)
        do {
            try await browser.prepare(size, dark: dark)
            let result = try await body(browser)
            await browser.close()
            return result
        } catch {
            await browser.close()
            throw error
        }
    }

    private init(_ size: Size) async throws {
        guard let program = Self.program("chromedriver"), let chromium = Self.chromium else {
            throw Failure(code: "not installed", text: "chromedriver or chromium")
        }
        let profile = FileManager.default.temporaryDirectory.appending(path: "browser-\(UUID().uuidString.prefix(8))")
        try FileManager.default.createDirectory(at: profile, withIntermediateDirectories: true)
        let driver = Process()
        driver.executableURL = program
        driver.arguments = ["--port=0"]
        driver.standardInput = FileHandle.nullDevice
        driver.standardError = FileHandle.nullDevice
        let output = Pipe()
        driver.standardOutput = output
        do {
            try driver.run()
            port = try await Self.port(from: output)
            session = try await Self.open(chromium, size: size, profile: profile, port: port)
        } catch {
            Self.end(driver, profile)
            throw error
        }
        (self.driver, self.profile) = (driver, profile)
    }

    deinit { Self.end(driver, profile) }

    /// Ends the browser and its driver.
    func close() async {
        _ = try? await LocalHTTP.ask("DELETE", "/session/\(session)", port: port, patience: .seconds(5))
        Self.end(driver, profile)
    }

    private static func end(_ driver: Process, _ profile: URL) {
        if driver.isRunning {
            // The driver leads a group that holds all processes of the browser.
            kill(-driver.processIdentifier, SIGKILL)
            kill(driver.processIdentifier, SIGKILL)
            driver.waitUntilExit()
        }
        try? FileManager.default.removeItem(at: profile)
    }

    /// The port that the driver chose: it says so in its last line.
    private static func port(from output: Pipe) async throws -> Int {
        let handle = output.fileHandleForReading
        let port: Int = try await withCheckedThrowingContinuation { continuation in
            // It waits in system calls.
            Thread {
                var text = ""
                while true {
                    let data = handle.availableData
                    text += String(decoding: data, as: UTF8.self)
                    if let said = text.range(of: "started successfully on port "), text.hasSuffix("\n"),
                        let port = Int(text[said.upperBound...].prefix { $0.isNumber })
                    {
                        return continuation.resume(returning: port)
                    }
                    if data.isEmpty {
                        return continuation.resume(throwing: Failure(code: "chromedriver ended", text: text))
                    }
                }
            }.start()
        }
        // What it says later must not fill the pipe.
        handle.readabilityHandler = { if $0.availableData.isEmpty { $0.readabilityHandler = nil } }
        return port
    }

    private static func open(_ chromium: URL, size: Size, profile: URL, port: Int) async throws -> String {
        let options: [String: Any] = [
            "binary": chromium.path,
            "args": [
                "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
                "--disable-background-networking", "--disable-component-update", "--disable-sync", "--lang=en",
                "--window-size=\(size.width),\(size.height)", "--user-data-dir=\(profile.path)",
            ],
        ]
        let wanted: [String: Any] = [
            "browserName": "chrome", "goog:chromeOptions": options, "goog:loggingPrefs": ["browser": "ALL"],
            "timeouts": ["script": 300_000, "pageLoad": 120_000],
        ]
        struct Session: Decodable { let sessionId: String }
        let body = try JSONSerialization.data(withJSONObject: ["capabilities": ["alwaysMatch": wanted]])
        let answer = try await LocalHTTP.ask("POST", "/session", port: port, body: body)
        return try value(Session.self, of: answer).sessionId
    }

    // MARK: Commands

    /// One command of the session.
    func command<Value: Decodable>(
        _ method: String, _ path: String, _ body: [String: Any]? = nil, as type: Value.Type = Value.self
    ) async throws -> Value {
        let body = try body.map { try JSONSerialization.data(withJSONObject: $0) }
        let answer = try await LocalHTTP.ask(
            method, "/session/\(session)/\(path)", port: port, body: body, patience: .seconds(360))
        return try Self.value(type, of: answer)
    }

    /// One command whose answer says nothing.
    func tell(_ method: String, _ path: String, _ body: [String: Any] = [:]) async throws {
        let _: Anything = try await command(method, path, body)
    }

    /// A command of the DevTools protocol.
    func devTools<Value: Decodable>(
        _ name: String, _ parameters: [String: Any] = [:], as type: Value.Type = Anything.self
    ) async throws -> Value {
        try await command("POST", "goog/cdp/execute", ["cmd": name, "params": parameters])
    }

    /// An answer that nobody reads.
    struct Anything: Decodable {
        init(from decoder: any Decoder) throws {}
    }

    private static func value<Value: Decodable>(
        _ type: Value.Type, of answer: (status: Int, body: Data)
    ) throws -> Value {
        guard answer.status == 200 else {
            let told = try JSONDecoder().decode(Answer<Refusal>.self, from: answer.body).value
            throw Failure(code: told.error, text: told.message.components(separatedBy: "\n")[0])
        }
        return try JSONDecoder().decode(Answer<Value>.self, from: answer.body).value
    }

    private struct Answer<Value: Decodable>: Decodable { let value: Value }

    private struct Refusal: Decodable {
        let error: String
        let message: String
    }
}
