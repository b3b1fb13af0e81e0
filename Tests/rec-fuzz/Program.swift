// Fuzzing of the parsers that read bytes from outside: rec-fuzz TARGET [options of libFuzzer] [corpus folders], or
// rec-fuzz seeds FOLDER for first inputs of the targets that read a model.
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
        guard CommandLine.argc > 1,
            let type = targets.first(where: { $0.name == CommandLine.arguments[1] })?.type
        else {
            FileHandle.standardError.write(Data("rec-fuzz: name one of \(names)\n".utf8))
            exit(64)
        }
        target = try type.init()
        // libFuzzer takes what stands behind the target's name for its own command line.
        var count = CommandLine.argc - 1
        var arguments = CommandLine.unsafeArgv + 1
        exit(
            runDriver(&count, &arguments) { bytes, size in
                // A refusal in words is what a parser is for.
                try? Fuzz.target?.run(Array(UnsafeBufferPointer(start: bytes, count: size)))
                return 0
            })
    }
}
