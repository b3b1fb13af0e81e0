// What the server's error codes are for the engine, and what may be said of them.
import RecCore

/// The table from SQLSTATE (PostgreSQL's documentation, appendix A) to ``RecCore/StorageError``.
enum PostgresFailure {
    static func code(of state: String) -> StorageError.Code {
        switch state {
        case "53100": return .full
        // Cancelled by the statement timeout or by hand; a lock that did not come in time.
        case "57014", "55P03": return .timeout
        case "3D000", "3F000": return .notFound
        // The encoding or a feature that a value asks for.
        case "0A000": return .rejected
        default: break
        }
        return switch state.prefix(2) {
        case "22", "54": .rejected
        case "23", "42": .conflict
        case "XX": .corrupt
        // Connections, resources, operators' interventions, deadlocks, read-only standbys, log-ins: another time, perhaps.
        default: .unavailable
        }
    }

    /// What an operator may read. Details and contexts hold rows, and messages of data errors quote values: neither is passed on.
    static func reason(state: String, message: String, constraint: String?) -> String {
        switch state.prefix(2) {
        case "22": return "the server refused a value (SQLSTATE \(state))"
        case "23": return "constraint \(constraint ?? "of the table") is not met (SQLSTATE \(state))"
        default:
            let line = message.split(separator: "\n").first.map(String.init) ?? "no message"
            return "\(line.prefix(300)) (SQLSTATE \(state))"
        }
    }
}
