// The listings of the article StochasticRankingAndPropensities, word for word.
import Foundation
import RecCore

func lawListing() -> (first: [Double], second: [Double], slate: RankedSlate, again: [Double]) {
    // Listing begins: law
    let candidates = SlateCandidates(
        items: ["tea", "coffee", "cocoa", "milk"].map { ItemID($0) },
        scores: [0.4, 0.3, 0.2, 0.1].map { Float(log($0)) }, logShares: [-0.7, -1.4, -2.1, -2.8])
    let policy = PlackettLucePolicy(temperature: 1)
    var state = SlateState(candidates)
    let first = policy.logProbabilities(state).map { exp($0) }  // 0.4, 0.3, 0.2, 0.1
    state.choose(0)
    let second = policy.logProbabilities(state).map { exp($0) }  // 0, 1/2, 1/3, 1/6

    let slate = policy.slate(from: candidates, length: 3, seed: 20)
    let again = policy.logPropensities(of: slate.places, in: candidates)
    print(slate.places.map { candidates.items[$0] }, slate.logPropensities == again)
    // Listing ends
    return (first, second, slate, again)
}

func grammarListing() throws -> (written: ComposedPolicy, text: String, refusal: String) {
    // Listing begins: grammar
    let written = try ComposedPolicy("plackett_luce(0.2)+temper(0.1)+reserve(4,50)")
    print(written.temper, written.reserve?.place ?? 0, written.isDeterministic)  // 0.1 4 false

    var made = ComposedPolicy(.plackettLuce(temperature: 0.2), temper: 0.1)
    made.diversity = 0.5
    made.quota = .init(column: "kind", most: 1)
    print(made.text)  // plackett_luce(0.2)+temper(0.1)+diversity(0.5)+quota(kind,1)

    var refusal = ""
    do { _ = try ComposedPolicy("plackett_luce(0.2)+tempre(0.1)") } catch { refusal = "\(error)" }
    print(refusal)  // … has a part that is none of temper, diversity, quota, reserve
    // Listing ends
    return (written, made.text, refusal)
}

func rulesListing() throws -> [String: [String]] {
    // Listing begins: rules
    let drinks = SlateCandidates(
        items: ["tea", "green tea", "coffee", "espresso", "water", "mate"].map { ItemID($0) },
        scores: [3, 2, 1, 0.5, 0, -1],
        logShares: [0.4, 0.3, 0.2, 0.05, 0.05, 0.0025].map { Float(log($0)) },
        isUnderexposed: [false, false, false, false, false, true],
        groups: [0, 0, 1, 1, -1, -1],  // teas, coffees, neither
        extras: 1,  // mate is there for a reserved place alone
        directions: [1, 0, 1, 0, 0, 1, 0, 1, 0.6, 0.8, 1, 0])
    var slates: [String: [String]] = [:]
    for text in [
        "greedy",  // tea, green tea, coffee
        "greedy+temper(1)",  // tea, espresso, green tea: 3 + 0.9, 0.5 + 3.0, 2 + 1.2
        "greedy+quota(kind,1)",  // tea, coffee, water
        "greedy+diversity(2)",  // tea, coffee, green tea: 2 - 2 * 1 is more than 0.5 - 2 * 1
        "greedy+reserve(2,50)",  // tea, mate, green tea
    ] {
        let slate = try ComposedPolicy(text).slate(from: drinks, length: 3, seed: 1)
        slates[text] = slate.places.map { drinks.items[$0].rawValue }
    }
    // Listing ends
    return slates
}

func modelSlateListing(model: ModelSnapshot) -> ModelSlate {
    // Listing begins: model
    let user = model.evidence(of: UserID("u0"), events: [])
    let policy = model.policy(.stochastic, for: user)  // as training calibrated it
    let seed = slateSeed(request: "r1", model: model.version.rawValue, seed: 0)
    let slate = model.slate(for: user, length: 5, policy: policy, seed: seed)
    for (found, logarithm) in zip(slate.items, slate.logPropensities) {
        print(model.history.items.name(of: found.item), exp(logarithm))
    }
    // Listing ends
    return slate
}

func slateLogListing(
    engine: RecommendationEngine, impressions: any ImpressionLog, now: Timestamp
) async throws -> (answer: Recommendations, shown: Impression?, again: RankedSlate?) {
    // Listing begins: log
    var request = RecommendationRequest(user: UserID("u0"), limit: 5)
    request.policy = try PolicyChoice("plackett_luce(2)+temper(0.1)")
    let answer = try await engine.recommend(request, id: "r1", now: now)
    for place in answer.items { print(place.rank, place.item, place.propensity) }

    engine.finishImpressions()  // a server writes all the time; here the queue is written and that is all
    await engine.writeImpressions()
    let shown = try await impressions.page(after: 0, limit: 10).impressions.first
    // Listing ends
    // Listing begins: again
    var again: RankedSlate?
    if let shown, let candidates = shown.candidates {
        let policy = try ComposedPolicy(shown.policy)
        again = policy.slate(from: candidates, length: shown.length, seed: shown.seed)
        print(again?.logPropensities == shown.logPropensities)  // true, to the last bit
    }
    // Listing ends
    return (answer, shown, again)
}
