// What the process uses of the machine.
import Foundation

/// From Linux's `/proc`; other systems tell nothing here.
struct ProcessFigures {
    var residentBytes: Int?
    var openFiles: Int?
    var threads: Int?

    static func now() -> ProcessFigures {
        var figures = ProcessFigures()
        figures.openFiles = try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count
        guard let status = try? String(contentsOfFile: "/proc/self/status", encoding: .utf8) else { return figures }
        for line in status.split(separator: "\n") {
            let words = line.split(whereSeparator: \.isWhitespace)
            guard words.count >= 2, let value = Int(words[1]) else { continue }
            if words[0] == "VmRSS:" { figures.residentBytes = value * 1024 }
            if words[0] == "Threads:" { figures.threads = value }
        }
        return figures
    }
}

/// The server's own version.
public enum ServerVersion {
    /// As `/version` and logs tell it.
    public static let text = "0.6.0"
}
