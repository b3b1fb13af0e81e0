// What the process uses of the machine.
import Foundation

/// From Linux's `/proc`; other systems tell nothing here.
struct ProcessFigures {
    var residentBytes: Int?
    var openFiles: Int?
    /// The soft limit on them; `nil` = there is none.
    var mostFiles: Int?
    var threads: Int?
    /// Time on processors since the start, its own and the kernel's on its behalf.
    var processorSeconds: Double?

    static func now() -> ProcessFigures {
        var figures = ProcessFigures()
        figures.openFiles = try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count
        if let limits = try? String(contentsOfFile: "/proc/self/limits", encoding: .utf8),
            let line = limits.split(separator: "\n").first(where: { $0.hasPrefix("Max open files") })
        {
            figures.mostFiles = line.split(whereSeparator: \.isWhitespace).dropFirst(3).first.flatMap { Int($0) }
        }
        figures.processorSeconds = Self.processorSeconds()
        guard let status = try? String(contentsOfFile: "/proc/self/status", encoding: .utf8) else { return figures }
        for line in status.split(separator: "\n") {
            let words = line.split(whereSeparator: \.isWhitespace)
            guard words.count >= 2, let value = Int(words[1]) else { continue }
            if words[0] == "VmRSS:" { figures.residentBytes = value * 1024 }
            if words[0] == "Threads:" { figures.threads = value }
        }
        return figures
    }

    private static func processorSeconds() -> Double? {
        guard let stat = try? String(contentsOfFile: "/proc/self/stat", encoding: .utf8),
            // The name of the program stands in brackets and may hold anything.
            let end = stat.lastIndex(of: ")")
        else { return nil }
        let words = stat[stat.index(after: end)...].split(separator: " ")
        guard words.count > 12, let own = Double(words[11]), let kernel = Double(words[12]) else { return nil }
        // Linux tells these in hundredths of a second to every program (USER_HZ).
        return (own + kernel) / 100
    }
}
