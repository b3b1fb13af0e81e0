// JSON in, from anyone: bounded, strict about field names, and exact about what is wrong and where.
import Foundation
import NIOCore

enum JSONReading {
    /// - Throws: a ``Problem`` with a pointer to each fault.
    static func decode<Wire: Decodable>(_ type: Wire.Type, from body: ByteBuffer) throws(Problem) -> Wire {
        try decode(type, Array(body.readableBytesView), isList: false)
    }

    /// A list without an object around it.
    /// - Parameter limit: most members.
    static func decodeList<Wire: Decodable>(
        _ type: Wire.Type, from body: ByteBuffer, atMost limit: Int
    ) throws(Problem) -> [Wire] {
        let list = try decode([Wire].self, Array(body.readableBytesView), isList: true)
        guard !list.isEmpty else { throw .invalid("is empty", pointer: "") }
        guard list.count <= limit else { throw .invalid("has more than \(limit) members", pointer: "") }
        return list
    }

    private static func decode<Wire: Decodable>(
        _ type: Wire.Type, _ bytes: [UInt8], isList: Bool
    ) throws(Problem) -> Wire {
        do throws(JSONSyntaxError) {
            try JSONSyntax.check(bytes, isList: isList)
        } catch {
            throw Problem(
                status: .badRequest, code: "malformed_json",
                detail: "the body is not a JSON \(isList ? "list" : "object"): \(error.description)",
                faults: [Fault(pointer: "", detail: error.description)])
        }
        do {
            return try JSONDecoder().decode(type, from: Data(bytes))
        } catch {
            throw .invalid(faults(error, at: []))
        }
    }
}

// MARK: - Faults

extension JSONReading {
    /// What is wrong, never empty.
    /// - Parameter path: where the decoder was; its own errors about numbers do not say.
    static func faults(_ error: any Error, at path: [any CodingKey]) -> [Fault] {
        switch error {
        case let problem as Problem where !problem.faults.isEmpty: problem.faults
        case let error as DecodingError: [fault(error)]
        default: [Fault(pointer: pointer(path), detail: outside)]
        }
    }

    private static let outside = "is outside what the field can hold"

    /// A decoding error as pointer and words.
    static func fault(_ error: DecodingError) -> Fault {
        switch error {
        case .typeMismatch(let type, let context):
            Fault(pointer: pointer(context.codingPath), detail: "is not \(name(of: type))")
        case .valueNotFound(let type, let context):
            Fault(pointer: pointer(context.codingPath), detail: "is null, not \(name(of: type))")
        case .keyNotFound(let key, let context):
            Fault(pointer: pointer(context.codingPath + [key]), detail: "is missing")
        case .dataCorrupted(let context):
            Fault(pointer: pointer(context.codingPath), detail: outside)
        @unknown default:
            Fault(pointer: "", detail: "cannot be read")
        }
    }

    /// RFC 6901. Long names are cut: they are the caller's own text.
    static func pointer(_ path: [any CodingKey]) -> String {
        path.map { key in
            let name = key.intValue.map(String.init) ?? String(key.stringValue.prefix(64))
            let escaped = name.map { $0 == "~" ? "~0" : $0 == "/" ? "~1" : String($0) }.joined()
            return "/" + escaped
        }.joined()
    }

    private static func name(of type: any Any.Type) -> String {
        switch type {
        case is String.Type: "a string"
        case is Int.Type, is Int64.Type: "a whole number"
        case is Double.Type: "a number"
        case is Bool.Type: "true or false"
        case is any DictionaryShaped.Type: "an object"
        case is any ArrayShaped.Type: "an array"
        default: "what the field holds"
        }
    }
}

private protocol DictionaryShaped {}
extension Dictionary: DictionaryShaped {}
private protocol ArrayShaped {}
extension Array: ArrayShaped {}

// MARK: - Strict objects

/// Any field name.
struct FieldName: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }
    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
}

extension Decoder {
    /// The object's fields. A field that is not one of `names` is an error: a misspelt name must not be lost in silence.
    func fields<Names: CodingKey & CaseIterable>(_ names: Names.Type) throws -> KeyedDecodingContainer<Names> {
        let known = Set(names.allCases.map(\.stringValue))
        let unknown = try container(keyedBy: FieldName.self).allKeys.filter { !known.contains($0.stringValue) }
        guard unknown.isEmpty else {
            throw Problem.invalid(
                unknown.sorted { $0.stringValue < $1.stringValue }.prefix(10).map { key in
                    Fault(
                        pointer: JSONReading.pointer(codingPath + [key]),
                        detail: "is not a field; there are \(known.sorted().joined(separator: ", "))")
                })
        }
        return try container(keyedBy: names)
    }
}

extension KeyedDecodingContainer {
    /// A field that may be missing or null. Whatever is wrong with it is told with its place.
    func optional<Value: Decodable>(_ type: Value.Type, _ key: Key) throws(Problem) -> Value? {
        do {
            return try decodeIfPresent(type, forKey: key)
        } catch {
            throw .invalid(JSONReading.faults(error, at: codingPath + [key]))
        }
    }

    /// A field that must be there.
    func required<Value: Decodable>(_ type: Value.Type, _ key: Key) throws(Problem) -> Value {
        do {
            return try decode(type, forKey: key)
        } catch {
            throw .invalid(JSONReading.faults(error, at: codingPath + [key]))
        }
    }
}
