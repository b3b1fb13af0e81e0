// Signals against a slow twin, and rankings that explain themselves.
import RecCore
import Testing

@Suite struct SignalScorerTests {
    private let attributes: [ItemID: [String: String]] = Dictionary(
        uniqueKeysWithValues: (0..<22).map {
            (ItemID("i\($0)"), ["group": $0 % 2 == 0 ? "even" : "odd", "text": "shelf\($0 % 4) row\($0 % 5)"])
        })

    private func snapshot() throws -> ModelSnapshot {
        var builder = try SmallShop.builder()
        for item in 20..<22 { builder.add(item: ItemID("i\(item)")) }
        return try SmallShop.snapshot(builder: builder, attributes: attributes)
    }

    @Test func neighbourhoodSignalsEqualTheSumsCountedByHand() throws {
        let snapshot = try snapshot()
        let history = snapshot.history
        let items = history.items.count
        var taken = [[Bool]](repeating: [Bool](repeating: false, count: items), count: history.users.count)
        for user in 0..<history.users.count {
            for item in history.past(of: user) { taken[user][Int(item.item)] = true }
        }
        let sizes = (0..<items).map { item in Double(taken.count { $0[item] }) }
        let sold = (0..<items).filter { sizes[$0] > 0 }
        func walk(_ i: Int, _ j: Int) -> Double {
            taken.reduce(0) { $0 + ($1[i] && $1[j] ? 1 / Double($1.count { $0 }) : 0) }
        }
        func together(_ i: Int, _ j: Int) -> Double { taken.reduce(0) { $0 + ($1[i] && $1[j] ? 1 : 0) } }

        for user in [0, 7, 23] {
            let evidence = snapshot.evidence(ofRow: user)
            let past = evidence.past
            func standard(_ value: (Int) -> Double) -> [Double] {
                let roots = (0..<items).map { value($0).squareRoot() }
                let mean = sold.reduce(0) { $0 + roots[$1] } / Double(sold.count)
                let variance = sold.reduce(0) { $0 + roots[$1] * roots[$1] } / Double(sold.count) - mean * mean
                return roots.map { $0 / variance.squareRoot() }
            }
            let expected: [(Signal, [Double])] = [
                (
                    .graph,
                    standard { j in
                        past.reduce(0) {
                            $0 + walk(Int($1.item), j) / (sizes[Int($1.item)] * max(1, sizes[j])).squareRoot()
                        }
                    }
                ),
                (.plainWalk, standard { j in past.reduce(0) { $0 + walk(Int($1.item), j) / sizes[Int($1.item)] } }),
                (
                    .similarSlow,
                    standard { j in
                        past.reduce(0) {
                            $0 + Double($1.freshness.slow) * together(Int($1.item), j)
                                / (sizes[Int($1.item)] * max(1, sizes[j])).squareRoot()
                        }
                    }
                ),
            ]

            let found = snapshot.scorer.candidates(for: evidence, count: 50, withPast: true)

            #expect(found.items.map(Int.init) == Array(0..<items))
            for (signal, values) in expected {
                for (place, item) in found.items.enumerated() where sizes[Int(item)] > 0 {
                    let value = Double(found.signals[place * Signal.count + signal.rawValue])
                    #expect(abs(value - values[Int(item)]) < 1e-3, "\(signal) of item \(item) for user \(user)")
                }
            }
        }
    }

    @Test func itemsWithoutEventsHaveTheirOwnSignals() throws {
        let snapshot = try snapshot()
        let found = snapshot.scorer.candidates(for: snapshot.evidence(ofRow: 0), count: 50, withPast: true)
        let new = [Signal.newTaste, .newContent, .newContentNeighbours, .newContentTwins, .newPopular, .isNew]
        for (place, item) in found.items.enumerated() {
            let isNew = snapshot.history.itemEvents[Int(item)] == 0
            for signal in Signal.allCases where new.contains(signal) != isNew {
                #expect(found.signals[place * Signal.count + signal.rawValue] == 0, "\(signal)")
            }
        }
        // User 0 takes even items: the even one of the two new items is the one to show.
        let even = try #require(snapshot.history.items.row(of: "i20"))
        let odd = try #require(snapshot.history.items.row(of: "i21"))
        let ranking = snapshot.ranking(
            for: snapshot.evidence(ofRow: 0), limit: 2, withPast: true, weights: .standard, only: [even, odd])
        #expect(ranking.map(\.item) == [even, odd])
    }

    @Test func partsAddUpToTheScore() throws {
        let snapshot = try snapshot()
        for evidence in [snapshot.evidence(ofRow: 3), UserEvidence(factors: nil, past: [])] {
            let ranking = snapshot.ranking(for: evidence, limit: 10, withPast: true)
            #expect(ranking.count == 10)
            for place in ranking {
                #expect(abs(place.parts.values.reduce(0, +) - place.score) < 1e-9)
            }
            #expect(zip(ranking, ranking.dropFirst()).allSatisfy { $0.score >= $1.score - 1e-5 })
        }
    }

    @Test func workingMemoryKeepsNoTraceOfTheUserBefore() throws {
        let snapshot = try snapshot()
        // Made by the same code and seed, and asked by nobody before.
        for user in [0, 1, 2, 1, 0] {
            let evidence = snapshot.evidence(ofRow: user)
            let used = snapshot.scorer.candidates(for: evidence, count: 9, withPast: false)
            let fresh = try self.snapshot().scorer.candidates(for: evidence, count: 9, withPast: false)
            #expect(used.items == fresh.items && used.signals == fresh.signals)
        }
    }

    @Test func segmentsOfAKnownKindLiftWhatThatKindTakes() throws {
        let builder = try SmallShop.builder()
        let profiles = Dictionary(
            uniqueKeysWithValues: (0..<40).map { (UserID("u\($0)"), ["club": $0 % 2 == 0 ? "even" : "odd"]) })
        let snapshot = try TrainingPipeline(
            TrainingOptions(als: try ALSConfiguration(dimension: 4), repeats: true, validationDays: 2)
        ).train(
            builder, attributes: [:], profiles: ProfileTable(builder.userIDs.map { profiles[$0] ?? [:] }),
            version: try #require(ModelVersion("v")),
            created: SmallShop.day(100))
        let stranger = snapshot.evidence(of: UserID("nobody"), events: [], attributes: ["club": "odd", "shoe": "9"])
        #expect(stranger.past.isEmpty && stranger.segments.count == 1)

        let liked = snapshot.history.items.row(of: "i1").map {
            snapshot.segments.matrix[row: Int(stranger.segments[0])][$0]
        }
        let other = snapshot.history.items.row(of: "i2").map {
            snapshot.segments.matrix[row: Int(stranger.segments[0])][$0]
        }

        #expect((liked ?? 0) > 0.3 && (other ?? 0) < -0.3)
    }
}
