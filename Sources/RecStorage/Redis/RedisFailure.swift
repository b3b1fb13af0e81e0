// What can go wrong with a connection to Redis, and what it means to callers.
import RecCore

/// Why a round trip gave no answers.
enum RedisFailure: Error, Sendable, Equatable {
    /// The call's time had passed before a connection was free; nothing was sent.
    case late
    /// No connection, and none to be had now.
    case unreachable(String)
    /// The connection ended under the call; its effect is unknown.
    case lost(String)
    /// No answer in time; the effect is unknown.
    case timeout
    /// The server sent something that is not Redis' protocol, or more than was asked for.
    case garbled(String)
    /// The server refused to set the connection up.
    case refused(RedisErrorWord)

    /// Whether the connection was given up.
    var endsConnection: Bool { self != .late }

    func storageError(_ operation: String) -> StorageError {
        switch self {
        case .late: StorageError(.timeout, operation: operation, reason: "no connection to Redis was free in time")
        case .unreachable(let reason): StorageError(.unavailable, operation: operation, reason: "Redis: \(reason)")
        case .lost(let reason):
            StorageError(.unavailable, operation: operation, reason: "the connection to Redis ended: \(reason)")
        case .timeout: StorageError(.timeout, operation: operation, reason: "Redis did not answer in time")
        case .garbled(let reason):
            StorageError(.corrupt, operation: operation, reason: "Redis' answer cannot be read: \(reason)")
        case .refused(let word): word.storageError(operation)
        }
    }
}

extension RedisErrorWord {
    /// What an error that the server answered means to a caller.
    func storageError(_ operation: String) -> StorageError {
        let code: StorageError.Code =
            switch description {
            // Memory, or the disk of its log (`MISCONF`): reads go on.
            case "OOM", "MISCONF": .full
            case "LOADING", "READONLY", "BUSY", "MASTERDOWN", "CLUSTERDOWN", "TRYAGAIN", "NOREPLICAS", "NOSCRIPT":
                .unavailable
            case "WRONGTYPE": .corrupt
            default: .rejected
            }
        return StorageError(code, operation: operation, reason: "Redis answered \(self)")
    }
}
