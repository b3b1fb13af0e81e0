// One run of spark-submit: its command, what it says, how it ends.
import Foundation
import RecCore

/// Runs the program of the work folder and waits for it.
struct SparkRun {
    let settings: SparkSettings
    /// Holds `spark_als.py` and `settings.json`; gets `spark.log`, all that Spark writes on its error output.
    let folder: String

    /// Lines of the log that an error shows.
    static let linesOfError = 12

    func run(report: (String) -> Void) throws(TrainingError) {
        guard let program = Self.found(settings.submit) else {
            throw .factorizer(
                "\(settings.submit) is not there: install Spark and Java 17, such as with `pip install pyspark==3.5.3 numpy`, and name it with --spark-submit"
            )
        }
        let log = folder + "/spark.log"
        let process = Process()
        let pipe = Pipe()
        let ended = DispatchSemaphore(value: 0)
        process.executableURL = URL(fileURLWithPath: program)
        var arguments = [
            "--master", settings.master, "--conf", "spark.ui.enabled=false", "--conf",
            "spark.ui.showConsoleProgress=false",
            // A checkpoint's files are removed by the run that made them.
            "--conf", "spark.cleaner.referenceTracking.cleanCheckpoints=true",
        ]
        for property in settings.properties { arguments += ["--conf", property] }
        process.arguments = arguments + [folder + "/spark_als.py", folder + "/settings.json"]
        process.environment = Self.environment(beside: program)
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = pipe
        process.terminationHandler = { _ in ended.signal() }
        guard FileManager.default.createFile(atPath: log, contents: nil),
            let errors = FileHandle(forWritingAtPath: log)
        else { throw .factorizer("\(log) cannot be written") }
        process.standardError = errors
        do { try process.run() } catch { throw .factorizer("\(program) could not be started: \(error)") }
        // This side's copy of the writing end would keep the pipe open for ever.
        try? pipe.fileHandleForWriting.close()
        Self.lines(of: pipe.fileHandleForReading, report)
        ended.wait()
        guard process.terminationReason == .exit, process.terminationStatus == 0 else {
            let how = process.terminationReason == .exit ? "exit code" : "signal"
            throw .factorizer(
                "\(program) ended with \(how) \(process.terminationStatus); the end of \(log):\n\(Self.end(of: log))")
        }
    }

    /// Each line as it comes, until the other side closes.
    private static func lines(of handle: FileHandle, _ report: (String) -> Void) {
        var rest = Data()
        var room = [UInt8](repeating: 0, count: 4096)
        while true {
            // What is there: FileHandle would wait until the room is full.
            let count = room.withUnsafeMutableBytes { read(handle.fileDescriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { break }
            rest += room[..<count]
            while let end = rest.firstIndex(of: 0x0a) {
                report(String(decoding: rest[rest.startIndex..<end], as: UTF8.self))
                rest = Data(rest[rest.index(after: end)...])
            }
            // A line without an end is cut, not gathered.
            if rest.count > 1 << 16 { rest = Data() }
        }
        if !rest.isEmpty { report(String(decoding: rest, as: UTF8.self)) }
    }

    private static func end(of path: String) -> String {
        guard let handle = FileHandle(forReadingAtPath: path), let size = try? handle.seekToEnd() else { return "" }
        try? handle.seek(toOffset: size > 1 << 16 ? size - 1 << 16 : 0)
        guard let data = try? handle.readToEnd() else { return "" }
        return String(decoding: data, as: UTF8.self).split(separator: "\n").suffix(linesOfError)
            .joined(separator: "\n")
    }

    /// Python stands beside a spark-submit that came with it.
    private static func environment(beside program: String) -> [String: String] {
        var environment = ProcessInfo.processInfo.environment
        let python = URL(fileURLWithPath: program).deletingLastPathComponent().path + "/python3"
        if environment["PYSPARK_PYTHON"] == nil, FileManager.default.isExecutableFile(atPath: python) {
            environment["PYSPARK_PYTHON"] = python
        }
        return environment
    }

    private static func found(_ name: String) -> String? {
        let folders =
            name.contains("/")
            ? [""] : (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").map { $0 + "/" }
        return folders.map { $0 + name }.first { FileManager.default.isExecutableFile(atPath: $0) }
    }
}
