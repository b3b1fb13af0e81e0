// Ids in paths, and the names of modes.
import Hummingbird
import RecCore

extension RecommendationMode {
    /// All modes, for messages.
    static var allNames: String { allCases.map(\.rawValue).joined(separator: ", ") }
}

extension ServeContext {
    /// The id in a segment of the path, percent-decoded: `a%2Fb` is the id `a/b`.
    func identifier(_ name: String) throws(Problem) -> String {
        guard let raw = parameters.get(name), let id = percentDecoded(raw[...], plusIsSpace: false) else {
            throw .invalid("is not percent-encoded UTF-8", parameter: name)
        }
        if let fault = IdentifierRule.fault(id) { throw .invalid(fault, parameter: name) }
        return id
    }
}
