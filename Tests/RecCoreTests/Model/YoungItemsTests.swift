// Which items a policy may keep a place for.
import Testing

@testable import RecCore

@Suite struct YoungItemsTests {
    /// 40 users and 12 days of a shop; what comes late and what was passed over have two events each.
    private func history() throws -> InteractionHistory {
        var builder = try SmallShop.builder()
        for user in ["u1", "u2"] {
            builder.add(try SmallShop.event(user, "passed over", day: 0))
            builder.add(try SmallShop.event(user, "late", day: 11))
        }
        for user in 0..<5 { builder.add(try SmallShop.event("u\(user)", "seller", day: 11)) }
        builder.add(item: ItemID("untried"))
        return builder.build()
    }

    @Test func youngIsWhoHadLittleTimeAndFewEvents() throws {
        let history = try history()
        func isYoung(_ name: String) throws -> Bool {
            YoungItems.isYoung(try #require(history.items.row(of: name)), in: history)
        }
        #expect(try isYoung("late"))
        #expect(try isYoung("untried"))
        #expect(try !isYoung("passed over"))
        #expect(try !isYoung("seller"))
        #expect(try !isYoung("i1"))
    }

    @Test func someAreDistinctWantedAndByTheSeed() throws {
        let history = try history()
        let all = YoungItems(history) { _ in true }
        let rows = try ["late", "untried"].map { try #require(history.items.row(of: $0)) }
        #expect(all.some(seed: 1) { _ in true }.sorted() == rows.sorted())
        #expect(all.some(seed: 1) { $0 == rows[0] } == [rows[0]])
        #expect(all.some(seed: 2) { _ in false }.isEmpty)
        let closed = YoungItems(history) { $0 != rows[1] }
        #expect(closed.contains(rows[0]) && !closed.contains(rows[1]) && !closed.contains(-1))
        #expect(all.some(seed: 3) { _ in true } == all.some(seed: 3) { _ in true })
    }
}
