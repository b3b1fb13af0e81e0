// Slates as users get them: the same bits everywhere, rules kept, texts and bytes read back.
import Testing

@testable import RecCore

@Suite struct PolicySlateTests {
    private static func candidates(_ count: Int, seed: UInt64) -> SlateCandidates {
        var generator = SplitMix64(seed: seed)
        let scores = (0..<count).map { _ in Float(generator.nextUnit() * 6) }.sorted(by: >)
        return SlateCandidates(
            items: (0..<count).map { ItemID("item-\($0)") }, scores: scores,
            logShares: scores.map { $0 - 12 }, deviations: scores.map { _ in Float(generator.nextUnit()) },
            isUnderexposed: (0..<count).map { $0 % 7 == 6 }, groups: (0..<count).map { Int32($0 % 5) - 1 },
            directions: (0..<count).flatMap { [Float]([Float($0 % 3 == 0 ? 1 : 0), Float($0 % 3 == 0 ? 0 : 1)]) })
    }

    /// Bits that no machine, number of threads or optimisation may change: a slate is made again from its seed.
    @Test func bitsAreThoseOfEveryMachine() throws {
        let policy = try ComposedPolicy("plackett_luce(0.7)+temper(0.1)+reserve(6,50)")
        var hash = FNV1a()
        for seed in 0..<200 as Range<UInt64> {
            let slate = policy.slate(from: Self.candidates(100, seed: 11), length: 12, seed: seed)
            for (place, value) in zip(slate.places, slate.logPropensities) {
                hash.add(UInt64(place))
                hash.add(value.bitPattern)
            }
        }
        #expect(hash.value == 12_751_209_256_932_462_639)
        var thompson = FNV1a()
        for seed in 0..<50 as Range<UInt64> {
            let slate = ComposedPolicy(.thompson(sigma: 0.5)).slate(
                from: Self.candidates(60, seed: 12), length: 12, seed: seed)
            for value in slate.logPropensities { thompson.add(value.bitPattern) }
        }
        #expect(thompson.value == 17_406_814_495_492_253_902)
    }

    @Test func logarithmAndExponentialAreRight() {
        var generator = SplitMix64(seed: 5)
        for _ in 0..<20_000 {
            let x = expOf((generator.nextUnit() - 0.5) * 1400)
            #expect(abs(PortableMath.log(x) - logOf(x)) <= 2 * logOf(x).ulp)
            let y = (generator.nextUnit() - 0.5) * 1400
            #expect(abs(PortableMath.exp(y) - expOf(y)) <= 3 * expOf(y).ulp)
        }
        for x in [
            1, 1 + 0x1p-52, 1 - 0x1p-53, 0x1p-1074, 0x1p-1022, Double.greatestFiniteMagnitude, 0.7071067811865476,
        ] {
            #expect(abs(PortableMath.log(x) - logOf(x)) <= 2 * logOf(x).ulp)
        }
        #expect(
            PortableMath.log(0) == -.infinity && PortableMath.log(-1).isNaN && PortableMath.log(.infinity) == .infinity)
        #expect(PortableMath.exp(0) == 1 && PortableMath.exp(-1000) == 0 && PortableMath.exp(1000) == .infinity)
        #expect(PortableMath.exp(.nan).isNaN && PortableMath.log(.nan).isNaN && PortableMath.exp(-.infinity) == 0)
        #expect(PortableMath.logSum([]) == -.infinity && PortableMath.logSum([-.infinity]) == -.infinity)
    }

    @Test func greedyIsTheOrderOfTheScores() {
        let candidates = Self.candidates(40, seed: 1)
        let slate = ComposedPolicy.greedy.slate(from: candidates, length: 12, seed: 9)
        #expect(slate.places == Array(0..<12) && slate.logPropensities.allSatisfy { $0 == 0 })
        // Near zero and far up every policy is what it should be.
        for policy in [ComposedPolicy(.plackettLuce(temperature: 1e-6)), ComposedPolicy(.thompson(sigma: 0))] {
            #expect(policy.slate(from: candidates, length: 12, seed: 9).places == slate.places)
        }
    }

    @Test func aSlateIsShortOnlyWhenCandidatesAre() throws {
        for text in [
            "greedy", "plackett_luce(1)", "thompson(1)", "epsilon_greedy(1)", "plackett_luce(1)+diversity(3)",
            "greedy+quota(c,1)+reserve(1,2)", "thompson(1)+quota(c,1)+reserve(9,2)+diversity(1)+temper(0.5)",
        ] {
            let policy = try ComposedPolicy(text)
            for count in [0, 1, 5, 12, 30] {
                let slate = policy.slate(from: Self.candidates(count, seed: 2), length: 12, seed: 3)
                #expect(slate.places.count == min(12, count) && Set(slate.places).count == slate.places.count)
                #expect(slate.logPropensities.count == slate.places.count)
                #expect(slate.logPropensities.allSatisfy { $0 <= 0 && $0.isFinite })
            }
        }
    }

    @Test func rulesHoldWhileTheyCan() throws {
        let candidates = Self.candidates(60, seed: 4)
        for seed in 0..<300 as Range<UInt64> {
            let slate = try ComposedPolicy("plackett_luce(2)+quota(c,3)+reserve(6,50)").slate(
                from: candidates, length: 12, seed: seed)
            var taken: [Int32: Int] = [:]
            for place in slate.places where candidates.groups[place] >= 0 {
                taken[candidates.groups[place], default: 0] += 1
            }
            #expect(taken.values.allSatisfy { $0 <= 3 })
            #expect(candidates.isUnderexposed[slate.places[5]])
        }
    }

    @Test func theDialTurnsListsAwayFromTheHead() throws {
        let candidates = Self.candidates(60, seed: 5)
        func meanShare(_ temper: Double) -> Float {
            let places = ComposedPolicy(.greedy, temper: temper).slate(from: candidates, length: 12, seed: 0).places
            return places.reduce(0) { $0 + candidates.logShares[$1] }
        }
        #expect(meanShare(0) >= meanShare(0.5) && meanShare(0.5) > meanShare(1.5))
    }

    @Test func textsComeBack() throws {
        for text in [
            "greedy", "epsilon_greedy(0.1)", "plackett_luce(0.25)+temper(-0.5)",
            "thompson(2.0)+temper(0.1)+diversity(0.5)+quota(index_group_name,4)+reserve(6,50)",
        ] {
            let policy = try ComposedPolicy(text)
            #expect(policy.text == text)
        }
        #expect(try ComposedPolicy(" plackett_luce( 1 ) + reserve( 2 , 3 )").text == "plackett_luce(1.0)+reserve(2,3)")
        let choice = try PolicyChoice("stochastic")
        #expect(choice == .stochastic)
        for text in [
            "", "best", "greedy(1)", "plackett_luce", "plackett_luce(0)", "plackett_luce(nan)", "plackett_luce(1",
            "epsilon_greedy(2)", "greedy+temper", "greedy+temper(1)+temper(2)", "greedy+quota(,1)", "greedy+quota(a,0)",
            "greedy+reserve(0,1)", "greedy+reserve(1)", "greedy+other(1)", "greedy+", "thompson(inf)",
            String(repeating: "x", count: 5000),
        ] { #expect(throws: InvalidPolicy.self) { try ComposedPolicy(text) } }
    }

    @Test func bytesComeBackAndTornOnesDoNot() {
        let whole = Self.candidates(30, seed: 6).directed([])
        let plain = SlateCandidates(items: whole.items, scores: whole.scores, logShares: whole.logShares)
        let extended = SlateCandidates(
            items: whole.items, scores: whole.scores, logShares: whole.logShares,
            isUnderexposed: whole.items.map { _ in true }, extras: 7)
        for candidates in [whole, plain, extended, Self.candidates(0, seed: 1)] {
            let bytes = candidates.bytes
            #expect(SlateCandidates(bytes: bytes) == candidates)
            #expect(SlateCandidates(bytes: bytes)?.hash == candidates.hash)
            for end in bytes.indices { #expect(SlateCandidates(bytes: bytes[..<end]) == nil) }
            #expect(SlateCandidates(bytes: bytes + [0]) == nil)
        }
        // As logs of the first format hold them.
        #expect(SlateCandidates(bytes: [1] + plain.bytes[1..<4] + plain.bytes[6...]) == plain)
        #expect(SlateCandidates(bytes: extended.bytes[..<4] + [31] + extended.bytes[5...]) == nil)
        var generator = SplitMix64(seed: 8)
        for _ in 0..<20_000 {
            var bytes = whole.bytes
            for _ in 0..<3 {
                bytes[Int(generator.next() % UInt64(bytes.count))] = UInt8(truncatingIfNeeded: generator.next())
            }
            _ = SlateCandidates(bytes: bytes)
        }
        #expect(whole.hash != plain.hash)
    }

    @Test func everyPartOfTheSeedMatters() {
        let seeds = [
            slateSeed(request: "a", model: "v1", seed: 0), slateSeed(request: "b", model: "v1", seed: 0),
            slateSeed(request: "a", model: "v2", seed: 0), slateSeed(request: "a", model: "v1", seed: 1),
            slateSeed(request: "av", model: "1", seed: 0),
        ]
        #expect(Set(seeds).count == seeds.count)
        #expect(slateSeed(request: "a", model: "v1", seed: 0) == seeds[0])
    }
}
