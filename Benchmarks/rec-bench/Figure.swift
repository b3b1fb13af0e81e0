// A measured figure as one line of JSON.
import Foundation

/// Medians with their spread, ours and a peer's. Smaller is better for times, larger for rates.
struct Figure {
    let name: String
    let unit: String
    var ours: [Double] = []
    var peer: [Double] = []
    var peerName: String?
    var isRate = false
    var note: String?

    private struct Line: Encodable {
        let name: String
        let ours: Double?
        let peer: Double?
        let ratio: Double?
        let unit: String
        let runs: Int
        let oursRange: [Double]
        let peerRange: [Double]
        let peerName: String?
        let note: String?
    }

    func print() {
        func rounded(_ value: Double) -> Double { Double(String(format: "%.5g", value)) ?? value }
        func range(_ values: [Double]) -> [Double] { [values.min(), values.max()].compactMap { $0.map(rounded) } }
        let (mine, other) = (median(ours), median(peer))
        let ratio = mine.flatMap { mine in
            other.flatMap { other in mine > 0 && other > 0 ? (isRate ? mine / other : other / mine) : nil }
        }
        let line = Line(
            name: name, ours: mine.map(rounded), peer: other.map(rounded), ratio: ratio.map(rounded), unit: unit,
            runs: max(ours.count, peer.count), oursRange: range(ours), peerRange: range(peer), peerName: peerName,
            note: note)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        guard let data = try? encoder.encode(line) else { return }
        try? FileHandle.standardOutput.write(contentsOf: data + Data("\n".utf8))
    }
}

func median(_ values: [Double]) -> Double? {
    guard !values.isEmpty else { return nil }
    let sorted = values.sorted()
    let middle = sorted.count / 2
    return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}

/// Quantile of sorted values.
func quantile(_ share: Double, ofSorted values: [Double]) -> Double {
    values.isEmpty ? 0 : values[min(values.count - 1, Int(share * Double(values.count)))]
}

func say(_ text: String) { try? FileHandle.standardError.write(contentsOf: Data("bench: \(text)\n".utf8)) }

/// Processor seconds of this process, all threads together.
func processorSeconds() -> Double {
    var usage = rusage()
    getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    return Double(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec)
        + Double(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6
}

/// Most memory this process had, in MiB.
func peakMemory() -> Double {
    var usage = rusage()
    getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    return Double(usage.ru_maxrss) / 1024
}

func seconds(_ work: () throws -> Void) rethrows -> Double {
    let start = ContinuousClock.now
    try work()
    return (ContinuousClock.now - start) / .seconds(1)
}
