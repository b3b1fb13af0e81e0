// Says in the log who changed something.
import Hummingbird
import Logging
import RecCore

extension ServeContext {
    /// Writes a line for a change that was made: the name of the key that asked for it, the route, and the request. Items and customers are
    /// counted and not named, as in every line.
    ///
    /// - Parameters:
    ///   - operation: what was done, as stores name it: `models.activate`.
    ///   - count: of items or customers.
    func noteChange(_ operation: String, count: Int? = nil, model: ModelVersion? = nil) {
        var metadata: Logger.Metadata = [LogKey.operation: "\(operation)"]
        metadata[LogKey.caller] = key.map { "\($0.name)" }
        metadata[LogKey.route] = endpointPath.map { "\($0)" }
        metadata[LogKey.count] = count.map { "\($0)" }
        metadata[LogKey.model] = model.map { "\($0.rawValue)" }
        logger.notice("Changed by a caller", metadata: metadata)
    }
}
