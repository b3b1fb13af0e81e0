// The program with the demonstrator's page, on a made-up shop with two models, for a suite of tests.
import Foundation
import Testing

/// rec-sample as a process of its own; or a server that runs already, at the address in `REC_DEMONSTRATOR`.
///
/// Unchecked: everything is set at the start.
final class DemonstratorServer: @unchecked Sendable {
    private static let running = ProcessInfo.processInfo.environment["REC_DEMONSTRATOR"].flatMap {
        $0.isEmpty ? nil : $0
    }

    static let isThere = running != nil || BuiltProgram.path("rec-sample") != nil

    /// Such as `http://127.0.0.1:8080`.
    let address: String
    private let folder: URL?
    private let program: BuiltProgram?

    init() async throws {
        if let running = Self.running {
            (address, folder, program) = (running, nil, nil)
            return
        }
        let folder = FileManager.default.temporaryDirectory.appending(
            path: "demonstrator-\(UUID().uuidString.prefix(8))")
        do {
            let shop = ["--customers", "800", "--articles", "300", "--transactions", "12000", "--weeks", "2"]
            let program = try BuiltProgram("rec-sample", ["--data", folder.path, "--port", "0"] + shop)
            func said() -> String? {
                // What follows the digits shows that all are there.
                program.said.firstMatch(of: #/(http://127\.0\.0\.1:[0-9]+)[^0-9]/#).map { String($0.1) }
            }
            try await eventually("rec-sample listens", within: .seconds(300)) {
                try #require(program.isRunning, "rec-sample ended: \(program.said)")
                return said() != nil
            }
            address = try #require(said())
            self.program = program
        } catch {
            try? FileManager.default.removeItem(at: folder)
            throw error
        }
        self.folder = folder
    }

    func stop() {
        if let program {
            program.send(SIGKILL)
            _ = program.end()
        }
        if let folder { try? FileManager.default.removeItem(at: folder) }
    }
}

/// Starts one server for all tests of a suite, and stops it after the last.
struct DemonstratorTrait: SuiteTrait, TestScoping {
    @TaskLocal static var server: DemonstratorServer?

    func provideScope(
        for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
    ) async throws {
        let server = try await DemonstratorServer()
        defer { server.stop() }
        try await Self.$server.withValue(server) { try await function() }
    }
}

extension Trait where Self == DemonstratorTrait {
    static var demonstrator: Self { Self() }
}
