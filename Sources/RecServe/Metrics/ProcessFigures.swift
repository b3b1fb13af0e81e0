// What the process uses of the machine.
import CoreMetrics
import Foundation
import RecCore

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

extension PrometheusRegistry {
    /// Describes what is told of the process itself, and tells what stays as it is.
    func beginProcess() {
        describe("process_resident_memory_bytes", "Memory of the process.")
        describe("process_open_fds", "Open file descriptors.")
        describe("process_max_fds", "File descriptors that the process may have open.")
        describe("process_cpu_seconds_total", "Processor time of the process, its own and the kernel's.")
        describe("process_threads", "Threads of the process.")
        describe("process_start_time_seconds", "When the process began, since 1970.")
        describe("reco_build_info", "1, with the version of the program.")
        makeMeter(label: "reco_build_info", dimensions: [("version", PlatformVersion.text)]).set(1.0)
        makeMeter(label: "process_start_time_seconds", dimensions: []).set(Date().timeIntervalSince1970)
    }

    /// What the process uses now; called by a scrape.
    func refreshProcess() {
        let process = ProcessFigures.now()
        func gauge(_ name: String, _ value: Int?) {
            if let value { makeMeter(label: name, dimensions: []).set(Double(value)) }
        }
        gauge("process_resident_memory_bytes", process.residentBytes)
        gauge("process_open_fds", process.openFiles)
        gauge("process_max_fds", process.mostFiles)
        gauge("process_threads", process.threads)
        if let seconds = process.processorSeconds { setCounter("process_cpu_seconds", to: seconds) }
    }

    /// For counters that are kept elsewhere.
    func setCounter(_ name: String, to value: Double) {
        (makeCounter(label: name, dimensions: []) as? Series)?.set(value)
    }
}
