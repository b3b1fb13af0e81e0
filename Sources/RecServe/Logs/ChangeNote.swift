// Says in the log who changed something.
import Hummingbird
import Logging
import RecCore

extension ServeContext {
    /// Makes a change and writes a line for it: the name of the key that asked for it, the route, and the request. A change that failed in a
    /// store has its line too, for it may have been made before. Items and customers are counted and not named, as in every line.
    ///
    /// - Parameters:
    ///   - operation: what is done, as stores name it: `models.activate`.
    ///   - count: of items or customers.
    ///   - model: the version, where it is known before; `modelOf` finds it in the answer.
    ///   - change: gives the answer.
    func noting<Answer>(
        _ operation: String, count: Int? = nil, model: ModelVersion? = nil,
        modelOf: (Answer) -> ModelVersion? = { _ in nil }, _ change: () async throws -> Answer
    ) async throws -> Answer {
        do {
            let answer = try await change()
            noteChange("Changed by a caller", operation, count: count, model: model ?? modelOf(answer))
            return answer
        } catch {
            if let error = error as? StorageError, !error.wasBeforeAnyChange {
                noteChange("Perhaps changed by a caller", operation, count: count, model: model)
            }
            throw error
        }
    }

    private func noteChange(_ text: String, _ operation: String, count: Int?, model: ModelVersion?) {
        var metadata: Logger.Metadata = [LogKey.operation: "\(operation)"]
        metadata[LogKey.caller] = key.map { "\($0.name)" }
        metadata[LogKey.route] = endpointPath.map { "\($0)" }
        metadata[LogKey.count] = count.map { "\($0)" }
        metadata[LogKey.model] = model.map { "\($0.rawValue)" }
        logger.notice("\(text)", metadata: metadata)
    }
}

extension StorageError {
    /// A refusal: what was asked for is not there, is not allowed, or is a version that is not good.
    fileprivate var wasBeforeAnyChange: Bool {
        code == .notFound || code == .rejected || (code == .corrupt && operation == "models.load")
    }
}
