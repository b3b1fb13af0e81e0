// The pictures of Docs/Demonstrator.md: each view as a visitor has it before him.
import Testing

extension BrowserTests {
    @Test func theTourOfTheDocumentsCanBeTaken() async throws {
        try await WebBrowser.with { browser in
            var pictures: [String: Int] = [:]
            func take(_ name: String) async throws {
                try await browser.waitUntilQuiet()
                // Smooth scrolling may still be under way.
                try await browser.waitUntil("the top", "const there = scrollY === 0; scrollTo(0, 0); return there")
                pictures[name] = try await browser.picture("tour-\(name)").count
            }
            try await browser.visit(.shop)
            try await browser.waitUntilQuiet()
            for (place, kind) in ["open", "cart", "open"].enumerated() {
                try await browser.click(.cards("cold_start") + ":nth-child(\(place + 2)) button.card-\(kind)")
                try await browser.waitUntilQuiet()
            }
            try await take("shop")

            try await browser.click(.cards("auto") + " button.card-why")
            try await browser.waitFor("dialog#why[open] #why-score[data-value]")
            try await take("why")
            try await browser.press(.escape)

            try await browser.go(to: .explore)
            try await browser.waitFor(".slate .card[data-id]")
            try await take("explore")

            try await browser.go(to: .search)
            try await browser.waitUntil(
                "the map", "return window.__map?.count", within: .seconds(240), as: Int.self)
            try await browser.click("#results button.example")
            try await browser.click("#results .card[data-id] button.card-open")
            try await browser.waitFor("#by-taste .card")
            try await browser.waitFor(".map-mark:not([hidden])")
            try await take("search")

            try await browser.go(to: .stream)
            try await browser.click("button#replay-start")
            try await browser.waitUntil(
                "some events",
                "return Number(document.querySelector('#replay-sent').dataset.value) > 100")
            try await take("stream")
            try await browser.click("button#replay-stop")

            try await browser.go(to: .models)
            try await browser.waitFor("table#models tr[data-version]")
            try await take("models")
            #expect(pictures.count == 6 && pictures.values.allSatisfy { $0 > 5_000 })
        }
    }
}
