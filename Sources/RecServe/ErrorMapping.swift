// The one table from errors to HTTP statuses.
import HTTPTypes
import Hummingbird
import RecCore

/// What a caller is told of each error. Reasons of stores are for the operator and stay in the log.
enum ErrorMapping {
    /// - Returns: the refusal, never with internals.
    static func problem(for error: any Error) -> Problem {
        switch error {
        case let problem as Problem: problem
        case let error as RecommendationError: problem(for: error)
        case let error as StorageError: problem(for: error)
        case let error as InvalidInteraction: .invalid(error.reason, pointer: "/" + EventFault.field(error.field))
        case let error as DecodingError: .invalid([JSONReading.fault(error)])
        case let error as HTTPError: problem(for: error)
        case is CancellationError:
            Problem(status: .serviceUnavailable, code: "stopping", detail: "the server is stopping", retryAfter: 1)
        default:
            Problem(status: .internalServerError, code: "internal", detail: "an error of the server; it is in its log")
        }
    }

    private static func problem(for error: RecommendationError) -> Problem {
        switch error {
        case .noModel:
            Problem(
                status: .serviceUnavailable, code: "no_model",
                detail: "no model is served: none was published, or the server refused it (see its log)", retryAfter: 5)
        case .notInService(let version, let serving):
            Problem(
                status: .conflict, code: "model_not_in_service",
                detail:
                    "\(version) is not in service here; these are: \(serving.map(\.rawValue).joined(separator: ", "))")
        case .overloaded:
            Problem(
                status: .serviceUnavailable, code: "overloaded",
                detail: "more requests wait than can be answered soon", retryAfter: 1)
        case .invalidRequest(let field, let reason): .invalid(reason, parameter: field)
        }
    }

    private static func problem(for error: StorageError) -> Problem {
        switch error.code {
        case .unavailable:
            Problem(
                status: .serviceUnavailable, code: "storage_unavailable", detail: "a store cannot be reached now",
                retryAfter: 1)
        case .timeout:
            Problem(
                status: .serviceUnavailable, code: "storage_timeout",
                detail: "a store did not answer in time; send the same event ids again", retryAfter: 1)
        case .full:
            Problem(
                status: .serviceUnavailable, code: "storage_full", detail: "a store has no room left", retryAfter: 60)
        case .conflict where error.operation == "events.record":
            Problem(status: .conflict, code: "event_id_reused", detail: error.reason)
        case .conflict: Problem(status: .conflict, code: "conflict", detail: "the request does not fit what is stored")
        case .notFound: Problem(status: .notFound, code: "not_found", detail: "what was asked for is not there")
        case .rejected:
            Problem(status: .unprocessableContent, code: "rejected", detail: "a store refused the data")
        case .corrupt where error.operation.hasPrefix("models."):
            Problem(
                status: .unprocessableContent, code: "model_refused",
                detail: "the version is not whole or not good; the server's log says why")
        case .corrupt:
            Problem(
                status: .internalServerError, code: "storage_corrupt",
                detail: "a store holds something that cannot be read; it is in the server's log")
        default:
            Problem(status: .internalServerError, code: "storage", detail: "a store failed; it is in the server's log")
        }
    }

    /// Errors of the HTTP library itself.
    private static func problem(for error: HTTPError) -> Problem {
        switch error.status {
        case .notFound: Problem(status: .notFound, code: "no_route", detail: "no such path; GET / lists the routes")
        case .contentTooLarge:
            Problem(
                status: .contentTooLarge, code: "body_too_large", detail: "the body is too large",
                closesConnection: true)
        case let status where (400..<500).contains(status.code):
            Problem(status: status, code: "bad_request", detail: "the request cannot be answered")
        default:
            Problem(status: .internalServerError, code: "internal", detail: "an error of the server; it is in its log")
        }
    }
}
