// The listings of RecCore.docc/HybridModelAndColdItems.md, word for word.
import RecCore

/// Attributes to features.
func featuresListing() -> (features: ItemFeatures, row: [(column: Int32, value: Float)]) {
    // Listing begins: features
    let features = ItemFeatures.build([
        ["colour": "red", "name": "summer dress"],
        ["colour": "red", "name": "winter coat"],
        ["colour": "blue", "name": "summer shirt"],
        ["colour": "blue", "name": "winter shirt"],
    ])
    for column in 0..<features.vocabulary.count {
        print(features.vocabulary.name(of: column), features.weights[column])
    }
    let row = features.row(of: ["colour": "red", "name": "long summer skirt"])
    // Listing ends
    return (features, row)
}

/// A model of a shop whose catalogue lists an item that nobody took.
func coldItemListing(
    _ events: [Interaction], _ catalogue: [CatalogItem], now: Timestamp
) async throws -> (model: ModelSnapshot, ranking: [RankedItem]) {
    // Listing begins: cold
    var builder = HistoryBuilder()
    for event in events { builder.add(event) }
    for item in catalogue { builder.add(item: item.id) }  // a row for every item, taken or not
    let attributes = Dictionary(uniqueKeysWithValues: catalogue.map { ($0.id, $0.attributes) })

    let data = TrainingData(builder: builder, attributes: attributes)
    let model = try await data.train(TrainingOptions(), version: ModelVersion(at: now), created: now)
    let user = model.evidence(of: UserID("u1"), events: [])
    let ranking = model.ranking(for: user, limit: 12, withPast: true)
    for place in ranking {
        let isCold = model.history.itemEvents[place.item] == 0
        print(model.history.items.name(of: place.item), isCold, place.parts[.newItem] ?? 0)
    }
    // Listing ends
    return (model, ranking)
}

/// The same weights by hand, with a better place for what is new.
func weightsListing(_ model: ModelSnapshot, _ user: UserEvidence) -> [RankedItem] {
    // Listing begins: weights
    var weights = model.configuration.weights
    weights[.isNew] += 2  // two nats more for every item without events
    let ranking = model.ranking(for: user, limit: 5, withPast: true, weights: weights)
    // Listing ends
    return ranking
}

/// An item that came after training.
func addedItemListing(_ model: ModelSnapshot) throws -> (grown: ModelSnapshot, alike: [Float]?) {
    // Listing begins: adding
    let item: DescribedItem = (ItemID("mug-17"), ["sort": "mug", "text": "mug of season 1"])
    let grown = try model.adding([item])
    guard let row = grown.history.items.row(of: "mug-17") else { return (grown, nil) }
    let projected = grown.projection.factors(of: row, grown.features)  // B'g, the item's factors
    // Listing ends
    return (grown, projected)
}

/// Why an item stands where it stands.
func explanationListing(_ model: ModelSnapshot, _ user: UserEvidence, _ ranking: [RankedItem]) -> [Explanation] {
    // Listing begins: explanation
    let reasons = model.explanations(of: ranking, for: user)
    for why in reasons {
        let channels = why.channels.map { "\($0.key.name) \($0.value)" }.sorted()
        let past = why.past.prefix(2).map { "\(model.history.items.name(of: $0.item)) \($0.value)" }
        print(model.history.items.name(of: why.item), why.score, channels, past, why.withoutPast)
    }
    // Listing ends
    return reasons
}

/// Lists for strangers.
func strangerListing(_ model: ModelSnapshot) -> [RankedItem] {
    // Listing begins: stranger
    let stranger = model.evidence(of: nil, events: [], attributes: ["age": "34"])
    let ranking = model.ranking(for: stranger, limit: 5, withPast: true)
    // Listing ends
    return ranking
}
