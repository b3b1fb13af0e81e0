// How the fields of this module's log lines are called.

/// Keys of log metadata of this module.
enum LogKey {
    static let caller = "caller"
    static let code = "code"
    static let count = "count"
    static let operation = "operation"
    static let reason = "reason"
    static let repeats = "repeats"
    static let requestID = "request_id"
    static let route = "route"
    static let traceID = "trace_id"
    static let spanID = "span_id"
    static let duration = "duration_ms"
    static let status = "status"
    static let model = "model_id"
}
