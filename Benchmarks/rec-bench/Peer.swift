// A peer's program: one command a line in, one line of JSON out.
import Foundation

/// A running Python program of Benchmarks/Peers. It stays alive between commands, so that runs can alternate.
final class Peer {
    private let process = Process()
    private let input = Pipe()
    private let output = Pipe()
    let name: String

    /// - Returns: `nil` when the peer's Python is not there or the program does not greet; the reason is told.
    init?(_ name: String, _ options: CommonOptions, threads: Int) {
        self.name = name
        let script = "\(options.peers)/\(name).py"
        guard FileManager.default.isExecutableFile(atPath: options.python),
            FileManager.default.fileExists(atPath: script)
        else {
            say("\(name) is not measured: there is no \(options.python) or \(script); make bench-peers installs them")
            return nil
        }
        process.executableURL = URL(fileURLWithPath: options.python)
        process.arguments = [script]
        var environment = ProcessInfo.processInfo.environment
        for key in ["OMP_NUM_THREADS", "MKL_NUM_THREADS"] { environment[key] = "\(threads)" }
        // implicit starts its own threads and wants BLAS to have one.
        environment["OPENBLAS_NUM_THREADS"] = "1"
        environment["BENCH_THREADS"] = "\(threads)"
        process.environment = environment
        (process.standardInput, process.standardOutput) = (input, output)
        do { try process.run() } catch {
            say("\(name) is not measured: \(error)")
            return nil
        }
        guard let greeting = read(), greeting["name"] != nil else {
            say("\(name) is not measured: its program did not start")
            return nil
        }
        say("peer \(greeting["name"] ?? ""), \(threads) threads")
    }

    /// - Returns: the answer; `nil` (told) when the peer failed.
    func ask(_ command: String) -> [String: Any]? {
        input.fileHandleForWriting.write(Data((command + "\n").utf8))
        guard let answer = read() else {
            say("\(name) failed on: \(command)")
            return nil
        }
        if let error = answer["error"] {
            say("\(name): \(error)")
            return nil
        }
        return answer
    }

    func numbers(_ command: String, _ key: String) -> [Double] { ask(command)?[key] as? [Double] ?? [] }

    private func read() -> [String: Any]? {
        var line = Data()
        while true {
            let byte = output.fileHandleForReading.readData(ofLength: 1)
            if byte.isEmpty { return nil }
            if byte[byte.startIndex] == 0x0a { break }
            line.append(byte)
        }
        return (try? JSONSerialization.jsonObject(with: line)) as? [String: Any]
    }

    deinit {
        try? input.fileHandleForWriting.close()
        process.waitUntilExit()
    }
}
