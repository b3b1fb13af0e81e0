// The manifest of an artifact: what it is, of what it consists, how it was made.
import Foundation  // JSON: the manifest is read by people and other programs.

/// `manifest.json` of a version directory.
struct ModelManifest: Codable {
    static let currentFormat = 5

    /// What every format begins with.
    struct Header: Codable {
        let formatVersion: Int
    }

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
    /// How a column of the catalogue is read.
    struct FeatureColumn: Codable {
        /// `ranges`, `codes`, `categories` or `words`.
        let form: String
        /// Ascending, of `ranges` and `codes` only.
        let limits: [Double]
    }
    /// The calibrated stochastic policy.
    struct Exploration: Codable {
        let loss: Double
        let temper: Double
        let temperature: Double
        let strangerTemperature: Double
        let reservePlace: Int?
        let reserveFloor: Int?
        /// Absent where nothing was measured.
        let frontier: [FrontierPoint]?
    }
    /// A point of the frontier from selling to discovering.
    struct FrontierPoint: Codable {
        let temper: Double
        let temperature: Double
        let map12: Double
        let tail: Double
    }
    struct Parameters: Codable {
        let dimension: Int
        let unobservedWeight: Double
        let regularization: Double
        let frequencyScaling: Double
        let sweeps: Int
        let seed: UInt64
        let usesAttributes: Bool
        let usesExposure: Bool
        let kindWeights: [String: Double]
        let halfLifeDays: Double?
        let signalWeights: [String: Double]
        /// What a more active user adds to each weight, and how activity is measured.
        let signalSlopes: [String: Double]
        let activityCenter: Double
        let activitySpread: Double
        let strangerWeights: [String: Double]
        /// Columns of customers' attributes, with the limits of numbers.
        let segmentColumns: [String: [Double]]
        let featureColumns: [String: FeatureColumn]
        let neighbours: Int
        let repeats: Bool
        let newItemPlaces: Bool
        /// Absent where nothing was calibrated.
        let exploration: Exploration?
        /// Absent where the factors are our own trainer's.
        let factorizer: String?
    }

    let formatVersion: Int
    let version: String
    let createdMilliseconds: Int64
    let data: DataRange
    let parameters: Parameters
    let metrics: [String: Double]
    /// Absent where the model was not judged.
    let judgement: Judgement?
    let files: [File]
    /// SHA-256 of the manifest's JSON with this field empty: a changed byte is found before anything is believed.
    var checksum: String

    /// Every time that it states.
    var times: [Timestamp] {
        let judged = (judgement?.windows ?? []).flatMap { [$0.firstMilliseconds, $0.lastMilliseconds] }
        return ([createdMilliseconds, data.firstMilliseconds, data.lastMilliseconds] + judged.compactMap(\.self))
            .map { Timestamp(milliseconds: $0) }
    }

    func encoded() throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return try encoder.encode(self)
    }
}

extension ModelManifest.Parameters {
    init(_ configuration: ModelConfiguration, segments: SegmentEncoder, features: FeatureEncoder) {
        dimension = configuration.als.dimension
        unobservedWeight = configuration.als.unobservedWeight
        regularization = configuration.als.regularization
        frequencyScaling = configuration.als.frequencyScaling
        sweeps = configuration.als.sweeps
        seed = configuration.als.seed
        usesAttributes = configuration.als.usesAttributes
        usesExposure = configuration.als.usesExposure
        kindWeights = Dictionary(
            uniqueKeysWithValues: configuration.confidence.kindWeights.map { ($0.key.rawValue, $0.value) })
        halfLifeDays = configuration.confidence.halfLifeDays
        let weights = configuration.weights
        signalWeights = Dictionary(
            uniqueKeysWithValues: Signal.allCases.map { ($0.name, weights.base[$0.rawValue]) })
        signalSlopes = Dictionary(
            uniqueKeysWithValues: Signal.allCases.map { ($0.name, weights.slope[$0.rawValue]) })
        (activityCenter, activitySpread) = (weights.center, weights.spread)
        strangerWeights = Dictionary(uniqueKeysWithValues: zip(StrangerWeights.names, configuration.strangers.values))
        segmentColumns = segments.columns
        featureColumns = features.columns.mapValues(ModelManifest.FeatureColumn.init)
        neighbours = configuration.neighbours
        repeats = configuration.repeats
        newItemPlaces = configuration.newItemPlaces
        factorizer = configuration.factorizer
        exploration = configuration.exploration.map {
            ModelManifest.Exploration(
                loss: $0.loss, temper: $0.temper, temperature: $0.temperature,
                strangerTemperature: $0.strangerTemperature, reservePlace: $0.reserve?.place,
                reserveFloor: $0.reserve?.floor,
                frontier: $0.frontier.isEmpty
                    ? nil
                    : $0.frontier.map {
                        ModelManifest.FrontierPoint(
                            temper: $0.temper, temperature: $0.temperature, map12: $0.map12, tail: $0.tail)
                    })
        }
    }

    /// - Throws: ``TrainingError`` when a value is out of range.
    func configuration() throws(TrainingError) -> ModelConfiguration {
        var als = try ALSConfiguration(
            dimension: dimension, unobservedWeight: unobservedWeight, regularization: regularization,
            frequencyScaling: frequencyScaling, sweeps: sweeps, seed: seed)
        (als.usesAttributes, als.usesExposure) = (usesAttributes, usesExposure)
        var weights: [InteractionKind: Double] = [:]
        for (name, weight) in kindWeights {
            guard let kind = InteractionKind(name), weight.isFinite else {
                throw .data("kind weight \(name) is not valid")
            }
            weights[kind] = weight
        }
        func values(_ what: String, _ names: [String], _ given: [String: Double]) throws(TrainingError) -> [Double] {
            var values: [Double] = []
            for name in names {
                guard let value = given[name], value.isFinite else {
                    throw .data("the \(what) of \(name) is missing")
                }
                values.append(value)
            }
            return values
        }
        guard activityCenter.isFinite, activitySpread.isFinite, activitySpread > 0 else {
            throw .data("the measure of activity is not valid")
        }
        let names = Signal.allCases.map(\.name)
        var configuration = ModelConfiguration(
            als: als, confidence: ConfidenceModel(kindWeights: weights, halfLifeDays: halfLifeDays),
            weights: SignalWeights(
                base: try values("weight", names, signalWeights), slope: try values("slope", names, signalSlopes),
                center: activityCenter, spread: activitySpread),
            strangers: StrangerWeights(try values("weight", StrangerWeights.names, strangerWeights)),
            neighbours: neighbours, repeats: repeats)
        configuration.newItemPlaces = newItemPlaces
        configuration.factorizer = factorizer
        configuration.exploration = try exploration.map { given throws(TrainingError) in try given.settings() }
        return configuration
    }
}

extension ModelManifest.Exploration {
    /// - Throws: ``TrainingError`` when a strength is out of range.
    func settings() throws(TrainingError) -> ExplorationSettings {
        guard (0...1).contains(loss), (-10...10).contains(temper), (1e-6...1000).contains(temperature),
            (1e-6...1000).contains(strangerTemperature), (1...1000).contains(reservePlace ?? 1), reserveFloor ?? 1 > 0
        else { throw .data("the settings of exploration are out of range") }
        let reserve = reservePlace.flatMap { place in
            reserveFloor.map { ComposedPolicy.Reserve(place: place, floor: $0) }
        }
        let points = frontier ?? []
        guard
            points.allSatisfy({ point in
                (-10...10).contains(point.temper) && (0...1000).contains(point.temperature)
                    && (0...1).contains(point.map12) && (0...1).contains(point.tail)
            })
        else { throw .data("the frontier of exploration is out of range") }
        var settings = ExplorationSettings(
            loss: loss, temper: temper, temperature: temperature, strangerTemperature: strangerTemperature,
            reserve: reserve)
        settings.frontier = points.map {
            .init(temper: $0.temper, temperature: $0.temperature, map12: $0.map12, tail: $0.tail)
        }
        return settings
    }
}

extension ModelManifest.FeatureColumn {
    init(_ form: FeatureEncoder.Form) {
        switch form {
        case .ranges(let limits): self.init(form: "ranges", limits: limits)
        case .codes(let limits): self.init(form: "codes", limits: limits)
        case .categories: self.init(form: "categories", limits: [])
        case .words: self.init(form: "words", limits: [])
        }
    }
}

extension ModelManifest.Parameters {
    /// - Throws: ``TrainingError`` when a form is none of the three.
    func featureEncoder() throws(TrainingError) -> FeatureEncoder {
        var columns: [String: FeatureEncoder.Form] = [:]
        for (name, column) in featureColumns {
            switch column.form {
            case "ranges": columns[name] = .ranges(column.limits)
            case "codes": columns[name] = .codes(column.limits)
            case "categories": columns[name] = .categories
            case "words": columns[name] = .words
            default: throw .data("a column of the catalogue has the unknown form \(column.form)")
            }
        }
        return FeatureEncoder(columns: columns)
    }
}
