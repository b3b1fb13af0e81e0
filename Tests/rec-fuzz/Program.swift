// Fuzzing of the parsers that read bytes from outside: REC_FUZZ_TARGET=NAME rec-fuzz [options of libFuzzer] [corpus folders], or
// rec-fuzz seeds FOLDER for first inputs of the targets that read a model. Files are written in the folder REC_FUZZ_SCRATCH.
import Foundation

/// libFuzzer's own main loop (LLVM, libFuzzer, "Using libFuzzer as a library"); it ends the process when it has done.
@_silgen_name("LLVMFuzzerRunDriver")
private func runDriver(
    _ count: UnsafeMutablePointer<Int32>,
    _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>>,
    _ body: @convention(c) (UnsafePointer<UInt8>?, Int) -> Int32
) -> Int32

/// Something that reads bytes. It may refuse them in words; it may not trap, hang, or break the law that is checked behind it.
protocol FuzzTarget: SendableMetatype {
    init() throws
    func run(_ bytes: [UInt8]) throws
}

/// A law that does not hold: ends the process, so that libFuzzer keeps the input.
func require(_ holds: Bool, _ law: @autoclosure () -> String) {
    guard !holds else { return }
    FileHandle.standardError.write(Data("rec-fuzz: \(law())\n".utf8))
    abort()
}

/// Work of the fuzzer itself, which no input may make fail: an error of it taken for a refusal would test nothing.
func must<T>(_ work: () throws -> T) -> T {
    do { return try work() } catch {
        FileHandle.standardError.write(Data("rec-fuzz: the fuzzer itself failed: \(error)\n".utf8))
        abort()
    }
}

/// A folder for the files of this process.
let scratchFolder: String = {
    let folder = ProcessInfo.processInfo.environment["REC_FUZZ_SCRATCH"] ?? NSTemporaryDirectory()
    return must {
        let path = "\(folder)/rec-fuzz-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        return path
    }
}()

@main
enum Fuzz {
    static let targets: [(name: String, type: any FuzzTarget.Type)] = [
        ("csv", CSVTarget.self), ("npy", NumpyTarget.self), ("manifest", ManifestTarget.self),
        ("event", EventTarget.self), ("filter", FilterTarget.self),
    ]
    /// Set once, before the first input.
    nonisolated(unsafe) static var target: (any FuzzTarget)?

    static func main() throws {
        let names = targets.map(\.name).joined(separator: ", ")
        if CommandLine.argc == 3, CommandLine.arguments[1] == "seeds" {
            return try SmallArtifact().writeSeeds(to: CommandLine.arguments[2])
        }
        // By the environment, as libFuzzer starts its own program again with its own arguments to merge a corpus.
        let wanted = ProcessInfo.processInfo.environment["REC_FUZZ_TARGET"] ?? ""
        guard let type = targets.first(where: { $0.name == wanted })?.type else {
            FileHandle.standardError.write(Data("rec-fuzz: REC_FUZZ_TARGET must be one of \(names)\n".utf8))
            exit(64)
        }
        target = try type.init()
        var count = CommandLine.argc
        var arguments = CommandLine.unsafeArgv
        exit(
            runDriver(&count, &arguments) { bytes, size in
                // A refusal in words is what a parser is for.
                try? Fuzz.target?.run(Array(UnsafeBufferPointer(start: bytes, count: size)))
                return 0
            })
    }
}
