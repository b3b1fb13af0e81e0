// The place of a request in a trace (W3C Trace Context, section 3.2).

/// `traceparent: 00-<trace>-<parent>-<flags>`.
struct TraceParent: Hashable, Sendable {
    /// 32 lower-case hexadecimal digits.
    let trace: String
    /// 16 digits: this request's own.
    let span: String
    /// 2 digits.
    let flags: String

    /// Before one was given or made.
    static let none = TraceParent(trace: "", span: "", flags: "00")

    private init(trace: String, span: String, flags: String) {
        (self.trace, self.span, self.flags) = (trace, span, flags)
    }

    /// Continues the caller's trace with a span of its own, or begins one where the header is missing, given twice or not valid.
    /// - Parameter headers: the values of every `traceparent` of the request.
    init(continuing headers: [String], random: () -> UInt64 = { .random(in: 1 ... .max) }) {
        func hexadecimal(_ value: UInt64) -> String {
            let text = String(value, radix: 16)
            return String(repeating: "0", count: 16 - text.count) + text
        }
        span = hexadecimal(random())
        if headers.count == 1, let parsed = Self.parsed(headers[0]) {
            (trace, flags) = parsed
        } else {
            (trace, flags) = (hexadecimal(random()) + hexadecimal(random()), "00")
        }
    }

    private static func parsed(_ header: String) -> (trace: String, flags: String)? {
        let parts = header.split(separator: "-", omittingEmptySubsequences: false).map(String.init)
        func isHexadecimal(_ text: String, _ count: Int) -> Bool {
            text.utf8.count == count
                && text.utf8.allSatisfy { (48...57).contains($0) || (97...102).contains($0) }
        }
        guard parts.count >= 4, isHexadecimal(parts[0], 2), parts[0] != "ff", isHexadecimal(parts[1], 32),
            isHexadecimal(parts[2], 16), isHexadecimal(parts[3], 2), parts[0] != "00" || parts.count == 4,
            parts[1].contains(where: { $0 != "0" }), parts[2].contains(where: { $0 != "0" })
        else { return nil }
        return (parts[1], parts[3])
    }
}
