// The body of every answer that is not a success (RFC 9457).
import HTTPTypes

/// A refusal as one of several answers.
struct ProblemWire: Encodable {
    let problem: Problem
    let requestID: String
    func encode(to encoder: any Encoder) throws { try problem.wire(requestID).encode(to: encoder) }
}

/// One thing that is wrong with a request, and where.
struct Fault: Hashable, Sendable, Encodable {
    /// JSON pointer into the body (`/events/3/item`); empty for the whole body.
    var pointer: String?
    /// Name of a query or path parameter.
    var parameter: String?
    var detail: String
}

/// A refusal: status, a code that never changes its meaning, and words for a person.
struct Problem: Error, Hashable {
    var status: HTTPResponse.Status
    /// Stable, for programs: `invalid_request`, `no_model`.
    var code: String
    var detail: String
    var faults: [Fault] = []
    /// Seconds after which the same request may succeed.
    var retryAfter: Int?
    /// Methods that the path has, for 405.
    var allow: [String] = []
    /// Whether what is left of the request cannot be read any more.
    var closesConnection = false
    /// Whether a key is asked for (401).
    var authenticate = false

    /// The request is wrong in one place.
    static func invalid(_ detail: String, pointer: String? = nil, parameter: String? = nil) -> Problem {
        .invalid([Fault(pointer: pointer, parameter: parameter, detail: detail)])
    }

    /// The request is wrong in each of these places.
    static func invalid(_ faults: [Fault]) -> Problem {
        let first = faults.first.map { fault in
            [fault.pointer ?? fault.parameter, fault.detail].compactMap { $0 }.filter { !$0.isEmpty }
                .joined(separator: " ")
        }
        let more = faults.count > 1 ? " (and \(faults.count - 1) more)" : ""
        return Problem(
            status: .badRequest, code: "invalid_request", detail: (first ?? "the request is wrong") + more,
            faults: faults)
    }
}

extension Problem {
    private struct Wire: Encodable {
        let type = "about:blank"
        let title: String
        let status: Int
        let code: String
        let detail: String
        let errors: [Fault]?
        let requestID: String

        enum CodingKeys: String, CodingKey {
            case type, title, status, code, detail, errors
            case requestID = "request_id"
        }
    }

    func wire(_ requestID: String) -> some Encodable {
        Wire(
            title: status.reasonPhrase, status: status.code, code: code, detail: detail,
            errors: faults.isEmpty ? nil : faults, requestID: requestID)
    }
}
