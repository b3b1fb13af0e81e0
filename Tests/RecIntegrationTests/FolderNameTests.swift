// Folders and files as people name them: ".", one letter, a slash at the end, what is not there yet.
import Foundation
import Testing

private let areBuilt = ["rec-synthesize", "rec-ingest", "rec-train", "rec-evaluate"].allSatisfy {
    BuiltProgram.path($0) != nil
}

@Suite(.serialized, .enabled(if: areBuilt, "rec-synthesize, rec-ingest, rec-train or rec-evaluate is not there"))
struct FolderNameTests {
    private let folder = FileManager.default.temporaryDirectory.appending(path: "names-\(UUID().uuidString)")

    /// Runs a program in the folder and expects that it ends well.
    private func run(
        _ name: String, _ arguments: [String], sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        let end = try await BuiltProgram(name, arguments, in: folder).end()
        #expect(end.code == 0, "\(name) \(arguments): \(end.text)", sourceLocation: sourceLocation)
    }

    private func isThere(_ path: String) -> Bool {
        FileManager.default.fileExists(atPath: folder.appending(path: path).path)
    }

    @Test func programsTakeThemAll() async throws {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }

        try await run(
            "rec-synthesize", ["--out", "s", "--customers", "60", "--articles", "40", "--transactions", "900"])
        for data in ["d", ".", "./e/", "f/g", "..h", "~", "~/k/l", folder.path + "/i"] {
            try await run("rec-ingest", ["s", "--data", data, "--rejects", "r"])
            #expect(isThere(data.hasPrefix("/") ? "i/store.sqlite" : data + "/store.sqlite"), "\(data)")
        }
        try await run("rec-train", ["--data", "d", "--dimension", "8", "--sweeps", "2"])
        try await run("rec-evaluate", ["--data", "d", "--recommendations", "l", "--top", "3"])
        try await run("rec-evaluate", ["--data", "d", "--dimension", "8", "--html", "h"])

        #expect(isThere("l") && isThere("h"))
    }
}
