// Several requests for recommendations at once, as JSON.
import RecCore

/// `{"requests": [...]}`: each as in `POST /v1/recommendations`.
struct BatchRequestWire: Decodable {
    private let requests: [RecommendationRequestWire]

    private enum CodingKeys: String, CodingKey, CaseIterable { case requests }

    init(from decoder: any Decoder) throws {
        requests = try decoder.fields(CodingKeys.self).required([RecommendationRequestWire].self, .requests)
    }

    /// The requests, or every fault of every one.
    func requests(now: Timestamp, limits: ServerConfiguration) throws(Problem) -> [RecommendationRequest] {
        guard !requests.isEmpty else { throw .invalid("is empty", pointer: "/requests") }
        guard requests.count <= limits.eventsPerBatch else {
            throw .invalid("has more than \(limits.eventsPerBatch) requests", pointer: "/requests")
        }
        var found: [RecommendationRequest] = []
        var faults: [Fault] = []
        for (place, wire) in requests.enumerated() {
            do throws(Problem) {
                found.append(try wire.request(now: now, limits: limits))
            } catch {
                faults += error.faults.map { fault in
                    let pointer = fault.pointer ?? ""
                    // Lists of events know their whole path already.
                    return Fault(
                        pointer: pointer.hasPrefix("/requests/") ? pointer : "/requests/\(place)\(pointer)",
                        detail: fault.detail)
                }
            }
        }
        guard faults.isEmpty else { throw .invalid(faults) }
        return found
    }
}

/// As many answers as requests, in their order: a list, or why there is none.
struct BatchAnswerWire: Encodable {
    private struct Answer: Encodable {
        var recommendations: RecommendationsWire?
        var problem: ProblemWire?
    }
    private let answers: [Answer]

    init(_ answers: [Result<Recommendations, RecommendationError>], now: Timestamp, requestID: String) {
        self.answers = answers.map { answer in
            switch answer {
            case .success(let slate): Answer(recommendations: RecommendationsWire(slate, now: now))
            case .failure(let error):
                Answer(problem: ProblemWire(problem: ErrorMapping.problem(for: error), requestID: requestID))
            }
        }
    }
}
