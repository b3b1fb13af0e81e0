// What a visitor does with a page and sees of it: clicks, keys, texts, and waiting for what is to come.
import Foundation

extension WebBrowser {
    /// Opens an address and waits until the document and what it links are loaded.
    func open(_ url: String) async throws { try await tell("POST", "url", ["url": url]) }

    // MARK: Scripts

    /// The value that the body of a function returns; its arguments are JSON.
    ///
    /// The driver runs it, so no policy of the page's forbids it; but what the script evaluates itself is the page's.
    func execute<Value: Decodable>(
        _ script: String, _ arguments: [Any] = [], as type: Value.Type = Value.self
    ) async throws -> Value {
        try await command("POST", "execute/sync", ["script": script, "args": arguments])
    }

    /// Like ``execute(_:_:as:)`` for the body of an `async` function: its promise's value.
    func executeAsync<Value: Decodable>(
        _ script: String, _ arguments: [Any] = [], as type: Value.Type = Value.self
    ) async throws -> Value {
        let whole = """
            const done = arguments[arguments.length - 1];
            (async function () { \(script) }).apply(null, arguments)
                .then(value => done({ value: value ?? null }), error => done({ error: String(error) }));
            """
        let told: Told<Value> = try await command("POST", "execute/async", ["script": whole, "args": arguments])
        if let error = told.error { throw Failure(code: "javascript error", text: error) }
        guard let value = told.value else { throw Failure(code: "javascript error", text: "no value: \(script)") }
        return value
    }

    private struct Told<Value: Decodable>: Decodable {
        let value: Value?
        let error: String?
    }

    // MARK: Waiting

    /// Waits until the body of a function returns what is true, and gives that.
    ///
    /// The page itself waits: it looks again whenever its document changes, and 20 times a second.
    @discardableResult
    func waitUntil<Value: Decodable>(
        _ what: String, _ script: String, _ arguments: [Any] = [], within patience: Duration = .seconds(30),
        as type: Value.Type = Bool.self
    ) async throws -> Value {
        let whole = """
            const given = Array.from(arguments).slice(0, -2), patience = arguments[arguments.length - 2];
            const isMet = function () { \(script) };
            return await new Promise(resolve => {
                const end = performance.now() + patience;
                let last = null, timer = 0;
                const look = () => {
                    let value = false;
                    try { value = isMet.apply(null, given); } catch (error) { last = String(error); }
                    if (!value && performance.now() < end) return;
                    observer.disconnect();
                    clearInterval(timer);
                    resolve(value ? { value } : { error: last ?? "still not so" });
                };
                const observer = new MutationObserver(look);
                observer.observe(document,
                    { subtree: true, childList: true, attributes: true, characterData: true });
                timer = setInterval(look, 50);
                look();
            });
            """
        let milliseconds = Int(patience / .milliseconds(1))
        let told: Told<Value> = try await executeAsync(whole, arguments + [milliseconds])
        guard let value = told.value else {
            throw Failure(code: "not in time", text: "\(what): \(told.error ?? "")")
        }
        return value
    }

    /// Waits until the selector finds something.
    func waitFor(_ css: String, within patience: Duration = .seconds(30)) async throws {
        try await waitUntil(css, "return document.querySelector(arguments[0]) !== null", [css], within: patience)
    }

    /// Waits until no question of the page's is open and none was for a moment.
    func waitUntilQuiet(within patience: Duration = .seconds(30)) async throws {
        try await waitUntil(
            "the page asks for nothing more",
            "const r = window.__requests; return r.open === 0 && performance.now() - r.last > 300", within: patience)
    }

    // MARK: Elements

    /// How the wire names an element.
    private struct Element: Decodable {
        let id: String
        enum CodingKeys: String, CodingKey { case id = "element-6066-11e4-a52e-4f735466cecf" }
    }

    private func find(_ css: String) async throws -> String {
        try await command("POST", "element", ["using": "css selector", "value": css], as: Element.self).id
    }

    /// Does something with the first element found, once more when the page has just replaced it.
    private func withElement(_ css: String, _ body: (String) async throws -> Void) async throws {
        var tries = 4
        while true {
            try await waitFor(css)
            do {
                return try await body(try await find(css))
            } catch let failure as Failure where Self.passing.contains(failure.code) && tries > 0 {
                tries -= 1
                try await waitUntilQuiet()
            } catch let failure as Failure {
                throw Failure(code: failure.code, text: "\(css): \(failure.text)")
            }
        }
    }

    private static let passing: Set = [
        "stale element reference", "no such element", "element click intercepted", "element not interactable",
    ]

    /// Clicks the middle of the first element found, as a mouse does: what lies above it is an error.
    func click(_ css: String) async throws {
        try await withElement(css) { try await tell("POST", "element/\($0)/click") }
    }

    /// Types into a field, in place of what it holds.
    func type(_ text: String, into css: String) async throws {
        try await withElement(css) {
            try await tell("POST", "element/\($0)/clear")
            try await tell("POST", "element/\($0)/value", ["text": text])
        }
    }

    /// Moves a slider, or chooses in a select, as a visitor does: with the events of it.
    func set(_ css: String, to value: String) async throws {
        try await waitFor(css)
        try await waitUntil(
            "\(css) is set",
            """
            const field = document.querySelector(arguments[0]);
            field.value = arguments[1];
            for (const name of ["input", "change"]) field.dispatchEvent(new Event(name, { bubbles: true }));
            return true;
            """, [css, value])
    }

    func text(_ css: String) async throws -> String {
        try await waitFor(css)
        return try await execute("return document.querySelector(arguments[0]).textContent.trim()", [css])
    }

    /// An attribute of every element found, in the document's order.
    func attributes(_ name: String, of css: String) async throws -> [String] {
        try await execute(
            "return [...document.querySelectorAll(arguments[0])].map(e => e.getAttribute(arguments[1]) ?? '')",
            [css, name])
    }

    /// `data-value` of every element found.
    func values(of css: String) async throws -> [Double] {
        try await attributes("data-value", of: css).map { Double($0) ?? .nan }
    }

    func count(_ css: String) async throws -> Int {
        try await execute("return document.querySelectorAll(arguments[0]).length", [css])
    }

    // MARK: Keys

    enum Key: String {
        case tab = "\u{E004}"
        case enter = "\u{E007}"
        case shift = "\u{E008}"
        case escape = "\u{E00C}"
    }

    /// Presses a key where the focus is.
    func press(_ key: Key, shift: Bool = false) async throws {
        let held = shift ? [Key.shift] : []
        let events =
            (held + [key]).map { ["type": "keyDown", "value": $0.rawValue] }
            + ([key] + held).map { ["type": "keyUp", "value": $0.rawValue] }
        try await tell("POST", "actions", ["actions": [["type": "key", "id": "keyboard", "actions": events]]])
    }

    /// Presses Tab until what has the focus matches, so many times at most. - Returns: whether it came there.
    func tab(to css: String, atMost limit: Int = 200) async throws -> Bool {
        for _ in 0..<limit {
            try await press(.tab)
            if try await execute("return document.activeElement?.matches(arguments[0]) ?? false", [css]) { return true }
        }
        return false
    }
}
