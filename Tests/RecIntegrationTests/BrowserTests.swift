// The demonstrator's page in a real browser, as a visitor walks through it.
import Foundation
import Testing

@Suite(
    .serialized,
    .enabled(if: WebBrowser.isInstalled, "chromium or chromedriver is not there"),
    .enabled(if: DemonstratorServer.isThere, "rec-sample is not there"), .demonstrator)
struct BrowserTests {
    @Test func aClickOnAnItemChangesTheNextListAndTheWindow() async throws {
        try await WebBrowser.with { browser in
            try await browser.visit(.shop)
            try await browser.click("button.customer[data-id]")
            try await browser.waitFor(.cards("auto"))
            try await browser.waitUntilQuiet()
            let before = try await browser.ids(.cards("recency"))
            let window = try await browser.window()

            // Something that the customer's own list would not lead to.
            try await browser.click(.cards("cold_start") + ":last-child button.card-open")
            let after = try await browser.waitUntil(
                "another recency shelf",
                """
                const ids = [...document.querySelectorAll(arguments[0])].map(card => card.dataset.id);
                return ids.length > 0 && ids.join() !== arguments[1].join() ? ids : null;
                """, [String.cards("recency"), before], as: [String].self)
            try await browser.waitUntil(
                "a longer window",
                """
                const texts = [...document.querySelectorAll('ol#window > li')].map(line => line.textContent);
                return texts.length > arguments[0].length
                    || texts.length === 10 && texts.join() !== arguments[0].join();
                """, [window])

            #expect(after != before)
        }
    }

    @Test func theReasonsOfAnItemAddUpToItsScore() async throws {
        try await WebBrowser.with { browser in
            try await browser.visit(.shop)
            try await browser.click("button.customer[data-id]")
            try await browser.waitFor(.cards("auto"))
            try await browser.waitUntilQuiet()

            try await browser.click(.cards("auto") + " button.card-why")
            try await browser.waitFor("dialog#why[open] #why-score[data-value]")
            let score = try #require(try await browser.values(of: "#why-score").first)
            let channels = try await browser.values(of: "dialog#why .why-channel[data-value]")
            let past = try await browser.values(of: "dialog#why .why-past[data-value]")
            let rest = try await browser.values(
                of: "dialog#why .why-rest [data-value], dialog#why .why-rest[data-value]")

            // 1e-3: sums of Float32 that were written with few digits.
            let tolerance = max(1e-3 * abs(score), 1e-6)
            #expect(!channels.isEmpty && !rest.isEmpty)
            #expect(abs(channels.reduce(0, +) - score) <= tolerance, "\(channels) for \(score)")
            #expect(abs((past + rest).reduce(0, +) - score) <= tolerance, "\(past) and \(rest) for \(score)")
        }
    }

    @Test func aNewcomerGetsAShelf() async throws {
        try await WebBrowser.with { browser in
            try await browser.visit(.shop)

            try await browser.click("button#newcomer")
            try await browser.waitUntilQuiet()
            try await browser.waitFor(.cards("cold_start"))
            try await browser.click(.cards("cold_start") + " button.card-open")
            try await browser.waitFor("ol#window > li")
            try await browser.waitFor(.cards("recency"))

            let problems = try await browser.count(.problem)
            #expect(problems == 0)
        }
    }

    @Test func theDialChangesThePolicyAndTheSlate() async throws {
        try await WebBrowser.with { browser in
            try await browser.visit(.explore)
            try await browser.waitFor(".slate .card[data-id]")
            let dial = try await browser.execute(
                "const d = document.querySelector('input#dial'); return [d.min || '0', d.max || '100']",
                as: [String].self)
            try await browser.set("input#dial", to: dial[0])
            try await browser.waitUntilQuiet()
            let before = try await browser.slate()

            try await browser.set("input#dial", to: dial[1])
            try await browser.waitUntil(
                "another slate and policy",
                """
                const ids = [...document.querySelectorAll('.slate .card[data-id]')].map(card => card.dataset.id);
                return ids.length > 0 && ids.join() !== arguments[0].join()
                    && document.querySelector('#policy').textContent.trim() !== arguments[1];
                """, [before.ids, before.policy])
            try await browser.waitUntilQuiet()
            let after = try await browser.slate()

            #expect(after.policy.contains("plackett_luce"))
            #expect(after.propensities.count == after.ids.count)
            #expect(after.propensities.allSatisfy { $0 > 0 && $0 < 1 })
            #expect(after.point != before.point && after.point != "")
        }
    }

    @Test func aSearchFindsItsWordAndTheNeighboursOfWhatIsChosen() async throws {
        try await WebBrowser.with { browser in
            try await browser.visit(.search)
            try await browser.type("cardigan", into: "input#query")
            try await browser.waitUntil(
                "cardigans",
                """
                const cards = [...document.querySelectorAll('#results .card[data-id]')];
                return cards.length > 0 && cards.every(card => card.textContent.toLowerCase().includes('cardigan'));
                """)

            try await browser.click("#results .card[data-id] button.card-open")
            try await browser.waitFor("#by-taste .card")
            try await browser.waitFor("#by-content .card")

            let problems = try await browser.count(.problem)
            #expect(problems == 0)
        }
    }

    @Test func theMapShowsAllItemsAndMoves() async throws {
        try await WebBrowser.with { browser in
            try await browser.visit(.search)

            let count = try await browser.waitUntil(
                "the map", "return window.__map?.count", within: .seconds(240), as: Int.self)
            // Colours of a part of the picture, taken in a frame: what a graphics card drew is gone after it.
            let colours = try await browser.executeAsync(
                """
                return await new Promise(resolve => requestAnimationFrame(() => {
                    const map = document.querySelector('canvas#map'), copy = document.createElement('canvas');
                    [copy.width, copy.height] = [map.width, map.height];
                    const context = copy.getContext('2d');
                    context.drawImage(map, 0, 0);
                    const data = context.getImageData(0, 0, map.width, map.height).data;
                    resolve(new Set(new Uint32Array(data.buffer)).size);
                }));
                """, as: Int.self)
            let milliseconds = try await browser.executeAsync("return await window.__map.frames(60)", as: Double.self)

            print("the map of \(count) items: \(milliseconds) ms a frame")
            #expect(count > 100)
            #expect(colours > 2)
            #expect(milliseconds > 0 && milliseconds < 1000 / 15)
        }
    }

    @Test func aReplayFillsTheWindowsAndStops() async throws {
        try await WebBrowser.with { browser in
            try await browser.visit(.stream)

            try await browser.click("button#replay-start")
            let sent = "return Number(document.querySelector('#replay-sent').dataset.value) > arguments[0]"
            try await browser.waitUntil("the first events", sent, [0])
            let first = try await browser.values(of: "#replay-sent")[0]
            try await browser.waitUntil("more events", sent, [first])
            let bars = try await browser.count("svg#windows *")
            let running = try await browser.replay()
            try await browser.click("button#replay-stop")
            try await eventually("the replay stops") { try await !browser.replay().running }

            #expect(bars > 0)
            #expect(running.windows.customers > 0)
            #expect(running.windows.filling.dropFirst().reduce(0, +) > 0)
        }
    }

    @Test func aModelIsRolledBackAndActivatedAgain() async throws {
        try await WebBrowser.with { browser in
            try await browser.visit(.models)
            try await browser.waitFor("table#models tr[data-version]")
            let current = try await browser.currentModel()

            try await browser.click("button#rollback")
            try await browser.click("dialog#confirm[open] button.yes")
            let older = try await browser.waitForModel { $0 != current }
            try await browser.waitFor("table#models button.activate[data-version='\(current)']:not([disabled])")
            try await browser.waitUntilQuiet()
            try await browser.click("button.activate[data-version='\(current)']")
            try await browser.click("dialog#confirm[open] button.yes")
            let last = try await browser.waitForModel { $0 == current }

            #expect(older != current)
            #expect(last == current)
        }
    }

    @Test func twoModelsAreComparedOnOneCustomer() async throws {
        try await WebBrowser.with { browser in
            try await browser.visit(.models)
            try await browser.waitFor("table#models tr[data-version]")
            let versions = try await browser.attributes("data-version", of: "table#models tr[data-version]")
            try #require(versions.count >= 2)

            try await browser.set("select#compare-a", to: versions[0])
            try await browser.set("select#compare-b", to: versions[1])
            try await browser.waitFor("#compare .card")
            try await browser.waitUntilQuiet()

            let problems = try await browser.count(.problem)
            #expect(problems == 0)
        }
    }
}
