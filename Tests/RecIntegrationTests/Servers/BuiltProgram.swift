// Programs of this package, as processes of their own.
import Foundation
import Testing

/// A program that the build put beside the test bundle.
///
/// Unchecked: everything is set at the start, and `Process` may be asked from any thread.
final class BuiltProgram: @unchecked Sendable {
    /// Where it lies; `nil` = it was not built.
    static func path(_ name: String) -> URL? {
        let bundles = CommandLine.arguments.filter { $0.contains(".xctest") } + ["/proc/self/exe"]
        return bundles.map { URL(fileURLWithPath: $0).resolvingSymlinksInPath() }.flatMap { url in
            sequence(first: url.deletingLastPathComponent(), next: { $0.deletingLastPathComponent() }).prefix(4)
        }.map { $0.appendingPathComponent(name) }.first { FileManager.default.isExecutableFile(atPath: $0.path) }
    }

    private let process = Process()
    private let output: URL

    /// Starts it, in the folder if one is named; what it says goes into a file.
    init(_ name: String, _ arguments: [String], in folder: URL? = nil) throws {
        output = FileManager.default.temporaryDirectory.appending(path: "\(name)-\(UUID().uuidString)")
        _ = FileManager.default.createFile(atPath: output.path, contents: nil)
        let program: URL = try #require(Self.path(name))
        process.executableURL = program
        process.arguments = arguments
        process.currentDirectoryURL = folder
        process.standardInput = FileHandle.nullDevice
        let file = try FileHandle(forWritingTo: output)
        process.standardOutput = file
        process.standardError = file
        try process.run()
    }

    deinit {
        send(SIGKILL)
        try? FileManager.default.removeItem(at: output)
    }

    func send(_ signal: Int32) { if process.isRunning { kill(process.processIdentifier, signal) } }

    var isRunning: Bool { process.isRunning }
    var identifier: Int32 { process.processIdentifier }
    /// What it said until now.
    var said: String { (try? String(contentsOf: output, encoding: .utf8)) ?? "" }

    /// Waits for its end. - Returns: its exit code, and what it said.
    func end() -> (code: Int32, text: String) {
        process.waitUntilExit()
        return (process.terminationStatus, (try? String(contentsOf: output, encoding: .utf8)) ?? "")
    }

    /// The same on a thread of its own: Swift's pool has as many as there are processors, and the tests beside want them, too.
    func end() async -> (code: Int32, text: String) {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                Thread { continuation.resume(returning: self.end()) }.start()
            }
        } onCancel: {
            send(SIGKILL)
        }
    }
}
