// Id tables, windows, calendar days, history and its cuts.
import RecCore
import Testing

@Suite struct InteractionsTests {
    @Test func idTableFindsEveryNameAndNoOther() {
        var generator = SplitMix64(seed: 1)
        let names = (0..<3000).map { "id-\($0)-\(generator.next() % 97)" } + ["", "ü", "a\u{0}b"]
        let map = IDMap(names)
        for (row, name) in names.enumerated() {
            #expect(map.row(of: name) == row)
            #expect(map.name(of: row) == name)
        }
        #expect(map.row(of: "id-1") == nil)
        #expect(IDMap([]).row(of: "x") == nil)
    }

    @Test func daysThatDoNotExistAreRefused() throws {
        #expect(Timestamp(year: 2019, month: 2, day: 30) == nil)
        #expect(Timestamp(year: 2019, month: 2, day: 29) == nil)
        let leap = try #require(Timestamp(year: 2020, month: 2, day: 29))
        #expect(leap.milliseconds == 1_582_934_400_000)
        #expect(leap.dayText == "2020-02-29")
        #expect(Timestamp(milliseconds: -1).dayText == "1969-12-31")
    }

    @Test func windowIsTheSameForAnyOrderAndRepetition() throws {
        let events = try (0..<30).map { try SmallShop.event("u", "i\($0)", day: $0 / 3, id: "e\($0)") }
        let expected = events.sorted {
            ($1.timestamp, $1.event?.rawValue ?? "") < ($0.timestamp, $0.event?.rawValue ?? "")
        }
        var generator = SplitMix64(seed: 5)
        for _ in 0..<100 {
            let state = SessionState((events + events.shuffled(using: &generator)).shuffled(using: &generator))
            #expect(state.interactions == Array(expected.prefix(SessionState.capacity)))
        }
    }

    @Test func historySumsRepeatedPairsAndKeepsTheLastTime() throws {
        var builder = HistoryBuilder()
        for day in [3, 1, 2] { builder.add(try SmallShop.event("u", "i", day: day)) }
        builder.add(try SmallShop.event("u", "j", day: 2))
        let past = builder.build().past(of: 0)

        #expect(past.map(\.count) == [3, 1])
        #expect(past[0].lastMinutes == Int32(SmallShop.day(3).milliseconds / 60_000))
        // One day each: the last weighs 1, the one before 0.9, and so on.
        #expect(abs(past[0].freshness.slow - (1 + 0.9 + 0.81)) < 1e-6)
        #expect(abs(past[1].freshness.slow - 0.9) < 1e-6)
        #expect(abs(past[0].freshness.fast - (1 + 0.6 + 0.36)) < 1e-6)
        #expect(abs(past[0].freshness.month - (1 + 0.97716 + 0.95484)) < 1e-4)
    }

    @Test func oneEventWithAWrongDateLeavesAWindowOfManyUsers() throws {
        var builder = try SmallShop.builder(events: 12)
        builder.add(try SmallShop.event("u0", "i0", day: 30_000))

        let split = builder.validationSplit(days: 2)

        #expect(split.test.count >= 20 && split.isTraining.count { $0 } >= 12 * 40 * 3 / 4)
        // The windows behind it are no longer than was asked for.
        let folds = builder.validationFolds(days: 2, count: 3)
        #expect(folds.count == 3 && folds.allSatisfy { $0.test.count >= 20 })
    }

    @Test func dislikesAndViewsOfAShopThatSellsAreNotAskedFor() throws {
        var builder = try SmallShop.builder(events: 12)
        for user in 0..<40 {
            for (item, kind) in [("disliked", "dislike"), ("viewed", "view"), ("carted", "cart")] {
                builder.add(
                    try Interaction(
                        user: UserID("u\(user)"), item: ItemID(item), kind: try #require(InteractionKind(kind)),
                        timestamp: SmallShop.day(11)))
            }
        }
        let row = { name in try #require(builder.itemIDs.firstIndex(of: ItemID(name))) }
        let (disliked, viewed, carted) = (try row("disliked"), try row("viewed"), try row("carted"))
        for split in [
            builder.split(at: SmallShop.day(11)), builder.hidingSplit(1, of: [disliked, viewed, carted], seed: 1),
        ] {
            let asked = split.test.values.reduce(into: Set<Int32>()) { $0.formUnion($1) }
            #expect(asked.contains(Int32(carted)))
            #expect(!asked.contains(Int32(disliked)) && !asked.contains(Int32(viewed)))
        }
        var views = HistoryBuilder()
        for day in 0..<30 {
            views.add(
                try Interaction(
                    user: UserID("u\(day)"), item: ItemID("i"), kind: .view, timestamp: SmallShop.day(day)))
        }
        #expect(!views.validationSplit(days: 7).test.isEmpty)
    }

    @Test func aFewEventsWithTimesMakeNoTimedShop() throws {
        var builder = HistoryBuilder()
        for user in 0..<40 {
            for item in 0..<10 { builder.add(try SmallShop.event("u\(user)", "i\((user + item) % 20)", day: 1)) }
        }
        builder.add(try SmallShop.event("u1", "i1", day: 500))

        let split = builder.validationSplit(days: 7)

        #expect(split.cut == nil && split.test.count == 40)
    }

    @Test func validationReservesWholeLastDays() throws {
        let builder = try SmallShop.builder(events: 12)
        let split = builder.validationSplit(days: 2)
        #expect(split.cut == SmallShop.day(10))
        #expect(split.isTraining.count { $0 } == 10 * 40)
        #expect(split.test.count == 40)
    }

    @Test func eventsOfOneMomentAreSplitAtRandom() throws {
        var builder = HistoryBuilder()
        for item in 0..<20 { builder.add(try SmallShop.event("u", "i\(item)", day: 0)) }
        let split = builder.validationSplit(days: 7)
        #expect(split.cut == nil)
        #expect(split.test[0]?.count == 2)
        #expect(split.isTraining.count { $0 } == 18)
    }

    @Test(arguments: [
        ("", "i", Float(1), "user"), ("u", "", 1, "item"), ("u", "i", .nan, "weight"), ("u", "i", .infinity, "weight"),
        ("u", "i", -1, "weight"), ("u\n", "i", 1, "user"), (String(repeating: "u", count: 256), "i", 1, "user"),
    ])
    func invalidInteractionNamesItsField(user: String, item: String, weight: Float, field: String) {
        let error = #expect(throws: InvalidInteraction.self) {
            try Interaction(
                user: UserID(user), item: ItemID(item), kind: .view, timestamp: SmallShop.day(0), weight: weight)
        }
        #expect(error?.field == field)
    }

    @Test func versionsCannotLeaveTheirFolder() {
        for name in ["", "..", "a..b", "a/b", "A", ".a", "-a", String(repeating: "a", count: 65)] {
            #expect(ModelVersion(name) == nil)
        }
        #expect(ModelVersion("v1.2-a_b") != nil)
    }
}

@Suite struct SplitTests {
    @Test func foldsAreTheSameWindowMovedBack() throws {
        let builder = try SmallShop.builder(events: 12)
        let folds = builder.validationFolds(days: 2, count: 3)
        #expect(folds.map(\.cut) == [10, 8, 6].map(SmallShop.day))
        #expect(folds.map { $0.isTraining.count { $0 } } == [400, 320, 240])
        // Each asks for its own window only: at most two items of each user.
        for fold in folds { #expect(fold.test.values.allSatisfy { $0.count <= 2 }) }
    }

    @Test func foldsStopWhereTooLittleIsLeftToLearnFrom() throws {
        let builder = try SmallShop.builder(events: 12)
        #expect(builder.validationFolds(days: 3, count: 9).count < 9)
    }

    @Test func hiddenItemsAreAskedForAndNeverLearned() throws {
        let builder = try SmallShop.builder(users: 30, items: 20, events: 12)
        let split = builder.hidingSplit(0.25, of: Array(0..<20), seed: 3)
        let history = builder.build(only: split.isTraining)
        let hidden = Set((0..<20).filter { history.itemEvents[$0] == 0 }.map(Int32.init))
        #expect(hidden.count == 5)
        let all = builder.build()
        for user in 0..<30 {
            let taken = Set(all.past(of: user).map(\.item)).intersection(hidden)
            #expect((split.test[user] ?? []).intersection(hidden) == taken)
        }
    }
}

extension SplitTests {
    @Test func datesAtTheEndsOfTheCalendarDoNotTrap() throws {
        var builder = try SmallShop.builder(events: 6)
        for milliseconds in [Int64(-62_135_596_800_000), 253_402_300_799_999] {
            builder.add(
                try Interaction(
                    user: UserID("u1"), item: ItemID("i1"), kind: .view,
                    timestamp: Timestamp(milliseconds: milliseconds)))
        }
        let split = builder.validationSplit(days: 7)
        #expect(split.isTraining.contains(true))
        #expect(builder.build().eventCount == 6 * 40 + 2)
    }

    @Test func itemsOfTheFutureAreUnknownUnlessTheCatalogueListsThem() throws {
        var builder = try SmallShop.builder(events: 6)
        builder.add(try SmallShop.event("u1", "late", day: 20))
        builder.add(try SmallShop.event("u1", "listed", day: 20))
        builder.add(item: ItemID("listed"))
        let split = builder.split(at: SmallShop.day(10))
        let history = builder.build(only: split.isTraining)
        let late = try #require(history.items.row(of: "late"))
        #expect(history.unknownItems == [Int32(late)])
        #expect(builder.build().unknownItems.isEmpty)
    }
}
