// Experiments and rules from the texts that an operator writes.
import Foundation
import NIOCore
import RecCore

extension Experiment {
    private struct Wire: Decodable {
        struct Variant: Decodable {
            let name: String
            let share: Double
            let modelVersion: String?
            let policy: String?

            enum CodingKeys: String, CodingKey, CaseIterable {
                case name, share, policy
                case modelVersion = "model_version"
            }
            init(from decoder: any Decoder) throws {
                let fields = try decoder.fields(CodingKeys.self)
                name = try fields.required(String.self, .name)
                share = try fields.required(Double.self, .share)
                modelVersion = try fields.optional(String.self, .modelVersion)
                policy = try fields.optional(String.self, .policy)
            }
        }
        let name: String
        let variants: [Variant]

        enum CodingKeys: String, CodingKey, CaseIterable { case name, variants }
        init(from decoder: any Decoder) throws {
            let fields = try decoder.fields(CodingKeys.self)
            name = try fields.required(String.self, .name)
            variants = try fields.required([Variant].self, .variants)
        }
    }

    /// From `{"name": "spring", "variants": [{"name": "old", "share": 1, "model_version": "v1"}, {"name": "new", "share": 1}]}`.
    /// - Throws: `InvalidExperiment` with everything that is wrong.
    public init(json: Data) throws(InvalidExperiment) {
        let wire: Wire
        do throws(Problem) {
            wire = try JSONReading.decode(Wire.self, from: ByteBuffer(bytes: json))
        } catch {
            throw InvalidExperiment(problems: [error.detail])
        }
        var problems: [String] = []
        let variants = wire.variants.map { variant -> Variant in
            let model = variant.modelVersion.flatMap { ModelVersion($0) }
            if variant.modelVersion != nil, model == nil {
                problems.append("the model version of \(variant.name.prefix(40)) is not the name of a version")
            }
            return Variant(name: variant.name, share: variant.share, model: model, policy: variant.policy)
        }
        do throws(InvalidExperiment) {
            let made = try Experiment(name: wire.name, variants: variants)
            guard problems.isEmpty else { throw InvalidExperiment(problems: problems) }
            self = made
        } catch {
            throw InvalidExperiment(problems: problems + error.problems.filter { !problems.contains($0) })
        }
    }
}

/// What is wrong with the text of a filter.
public struct InvalidFilter: Error, Hashable, Sendable, CustomStringConvertible {
    public let description: String
}

extension ItemFilter {
    /// From the JSON of a request's `filter`, such as `{"not": {"field": "stock", "in": ["0"]}}`.
    public init(json: String) throws(InvalidFilter) {
        do throws(Problem) {
            self = try JSONReading.decode(FilterWire.self, from: ByteBuffer(string: json)).filter
        } catch {
            throw InvalidFilter(description: "filter: \(error.detail)")
        }
    }
}
