// Where the stream processor tells how it is.
import ArgumentParser
import Foundation
import Logging
import RecServe

struct FiguresOptions: ParsableArguments {
    @Option(help: "Address of the port for operators: health and metrics; it asks for no keys. (default: 127.0.0.1)")
    var adminHost: String?
    @Option(parsing: .unconditional, help: "Port for operators; 0 = any free one. Without it there is none.")
    var adminPort: Int?

    func validate() throws {
        guard (0...65_535).contains(adminPort ?? 0) else { throw ValidationError("--admin-port is 0 to 65535") }
        guard adminHost == nil || adminPort != nil else { throw ValidationError("--admin-host goes with --admin-port") }
    }

    /// `nil` = nobody asks for one.
    /// - Parameter whenListening: called once.
    func server(
        _ metrics: StreamMetrics, whenListening: @escaping @Sendable () -> Void
    ) throws -> FiguresServer? {
        let host = adminHost ?? "127.0.0.1"
        var logger = Logger(label: "rec-process", factory: { StreamLogHandler.standardError(label: $0) })
        logger.logLevel = .notice
        return try adminPort.map { port in
            try FiguresServer(
                .init(host: host, port: port), metrics: metrics, logger: logger,
                whenListening: { port in
                    try? FileHandle.standardError.write(contentsOf: Data("operators: http://\(host):\(port)\n".utf8))
                    whenListening()
                })
        }
    }
}
