// The manifest of an artifact: what it is, of what it consists, how it was made.
import Foundation  // JSON: the manifest is read by people and other programs.

/// `manifest.json` of a version directory.
struct ModelManifest: Codable {
    static let currentFormat = 1

    struct File: Codable {
        let name: String
        let dtype: String
        let shape: [Int]
        let bytes: Int
        let sha256: String
    }
    struct DataRange: Codable {
        let firstMilliseconds: Int64
        let lastMilliseconds: Int64
        let events: Int
        let users: Int
        let items: Int
    }
    struct Parameters: Codable {
        let dimension: Int
        let unobservedWeight: Double
        let regularization: Double
        let frequencyScaling: Double
        let sweeps: Int
        let seed: UInt64
        let kindWeights: [String: Double]
        let halfLifeDays: Double?
        let channelWeights: [String: Double]
        let neighbours: Int
        let repeats: Bool
    }

    let formatVersion: Int
    let version: String
    let createdMilliseconds: Int64
    let data: DataRange
    let parameters: Parameters
    let metrics: [String: Double]
    let files: [File]
    /// SHA-256 of the manifest's JSON with this field empty: a changed byte is found before anything is believed.
    var checksum: String

    func encoded() throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return try encoder.encode(self)
    }
}

extension ModelManifest.Parameters {
    init(_ configuration: ModelConfiguration) {
        dimension = configuration.als.dimension
        unobservedWeight = configuration.als.unobservedWeight
        regularization = configuration.als.regularization
        frequencyScaling = configuration.als.frequencyScaling
        sweeps = configuration.als.sweeps
        seed = configuration.als.seed
        kindWeights = Dictionary(
            uniqueKeysWithValues: configuration.confidence.kindWeights.map { ($0.key.rawValue, $0.value) })
        halfLifeDays = configuration.confidence.halfLifeDays
        channelWeights = Dictionary(
            uniqueKeysWithValues: Channel.allCases.map { ($0.name, configuration.channels[$0]) })
        neighbours = configuration.neighbours
        repeats = configuration.repeats
    }

    /// - Throws: ``TrainingError`` when a value is out of range.
    func configuration() throws(TrainingError) -> ModelConfiguration {
        let als = try ALSConfiguration(
            dimension: dimension, unobservedWeight: unobservedWeight, regularization: regularization,
            frequencyScaling: frequencyScaling, sweeps: sweeps, seed: seed)
        var weights: [InteractionKind: Double] = [:]
        for (name, weight) in kindWeights {
            guard let kind = InteractionKind(name), weight.isFinite else {
                throw .data("kind weight \(name) is not valid")
            }
            weights[kind] = weight
        }
        var channels = ChannelWeights()
        for channel in Channel.allCases {
            guard let weight = channelWeights[channel.name], weight.isFinite else {
                throw .data("the weight of channel \(channel.name) is missing")
            }
            channels[channel] = weight
        }
        return ModelConfiguration(
            als: als, confidence: ConfidenceModel(kindWeights: weights, halfLifeDays: halfLifeDays), channels: channels,
            neighbours: neighbours, repeats: repeats)
    }
}
