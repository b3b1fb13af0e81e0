// Reads figures back: how each grows with the size of its input, and a chart of the ratios.
import ArgumentParser
import Foundation

struct ReportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "report",
        abstract: "From figures (lines of JSON on the standard input): how cost grows with size, and a chart.",
        discussion: """
            Figures of the same name with @1%, @10% and none behind it are one series; the exponent b of cost = a size^b is \
            fitted by least squares on the logarithms. Cost is the figure itself, and the time of all rows where it is a rate.
            """)
    @Option(help: "Write the ratios to peers as an SVG picture.") var chart: String?

    func run() throws {
        var figures: [Line] = []
        while let line = readLine() {
            // Talk of the programs may stand between the figures.
            guard line.hasPrefix("{") else { continue }
            do { figures.append(try JSONDecoder().decode(Line.self, from: Data(line.utf8))) } catch {
                throw ValidationError("a line is no figure: \(line.prefix(120))")
            }
        }
        guard !figures.isEmpty else { throw ValidationError("no figures on the standard input") }
        for (name, same) in Dictionary(grouping: figures, by: \.name) where same.count > 1 {
            throw ValidationError("\(same.count) figures are called \(name): give those of one run")
        }
        printGrowth(figures)
        if let chart {
            try RatioChart(
                figures.filter { ($0.ratio ?? 0) > 0 && !$0.name.contains("@") && !$0.name.contains("wall") }.map {
                    ($0.name, $0.peerName ?? "", $0.ratio ?? 1)
                }
            )
            .svg.write(toFile: chart, atomically: true, encoding: .utf8)
        }
    }

    /// A figure as `Figure` prints it.
    struct Line: Decodable {
        let name: String
        let ours: Double?
        let peer: Double?
        let ratio: Double?
        let unit: String
        let peerName: String?

        /// Name without size, and the size in percent.
        var series: (name: String, percent: Double) {
            guard let at = name.lastIndex(of: "@") else { return (name, 100) }
            return (String(name[..<at]), Double(name[name.index(after: at)...].dropLast()) ?? 100)
        }
    }

    private func printGrowth(_ figures: [Line]) {
        var order: [String] = []
        var points: [String: [(percent: Double, ours: Double?, peer: Double?)]] = [:]
        for figure in figures {
            let (name, percent) = figure.series
            if points[name] == nil { order.append(name) }
            // The time of all rows, where the figure tells rows a second.
            func cost(_ value: Double?) -> Double? {
                figure.unit.hasPrefix("rows/s") ? value.map { percent / $0 } : value
            }
            points[name, default: []].append((percent, cost(figure.ours), cost(figure.peer)))
        }
        print("| figure | exponent, ours | exponent, peer | sizes |\n| --- | --- | --- | --- |")
        var isTold = false
        for name in order where !name.contains("same-sets") && !name.contains("excess") {
            let known = points[name] ?? []
            guard let ours = exponent(known.compactMap { point in point.ours.map { (point.percent, $0) } }) else {
                continue
            }
            let theirs = exponent(known.compactMap { point in point.peer.map { (point.percent, $0) } })
            let sizes = known.map { String(format: "%g %%", $0.percent) }.joined(separator: ", ")
            let peer = theirs.map { String(format: "%.2f", $0) } ?? ""
            print("| `\(name)` | \(String(format: "%.2f", ours)) | \(peer) | \(sizes) |")
            isTold = true
        }
        if !isTold { print("(no figure at three sizes)") }
    }

    /// b of cost = a size^b; `nil` for fewer than three sizes.
    private func exponent(_ points: [(size: Double, cost: Double)]) -> Double? {
        let logs = points.filter { $0.size > 0 && $0.cost > 0 }.map { (x: log($0.size), y: log($0.cost)) }
        guard Set(logs.map(\.x)).count >= 3 else { return nil }
        let count = Double(logs.count)
        let (x, y) = (logs.reduce(0) { $0 + $1.x } / count, logs.reduce(0) { $0 + $1.y } / count)
        return logs.reduce(0) { $0 + ($1.x - x) * ($1.y - y) } / logs.reduce(0) { $0 + ($1.x - x) * ($1.x - x) }
    }
}

/// Horizontal bars of ratios on a logarithmic scale around 1.
private struct RatioChart {
    let bars: [(name: String, peer: String, ratio: Double)]
    init(_ bars: [(name: String, peer: String, ratio: Double)]) { self.bars = bars }

    var svg: String {
        let (left, right, row) = (470.0, 860.0, 22.0)
        let height = row * Double(bars.count) + 50
        let least = min(0.5, bars.map(\.ratio).min() ?? 0.5)
        let most = max(2, bars.map(\.ratio).max() ?? 2)
        func place(_ ratio: Double) -> Double {
            left + (log(ratio) - log(least)) / (log(most) - log(least)) * (right - left)
        }
        func number(_ value: Double) -> String { String(format: "%.1f", value) }
        var lines = [
            "<svg xmlns='http://www.w3.org/2000/svg' width='920' height='\(number(height))' font-family='sans-serif' font-size='12'>",
            "<rect width='100%' height='100%' fill='white'/>",
            "<text x='10' y='18' font-weight='bold'>How many times better than the peer (logarithmic; right of the line = ours is better)</text>",
        ]
        for (place_, bar) in bars.enumerated() {
            let y = 30 + row * Double(place_)
            let (from, to) = (min(place(1), place(bar.ratio)), max(place(1), place(bar.ratio)))
            let colour = bar.ratio >= 1 ? "#2a7f62" : "#b5533c"
            lines += [
                "<text x='\(number(left - 10))' y='\(number(y + 14))' text-anchor='end'>\(escaped("\(bar.name) vs \(bar.peer)"))</text>",
                "<rect x='\(number(from))' y='\(number(y + 3))' width='\(number(max(1, to - from)))' height='15' fill='\(colour)'/>",
                "<text x='\(number(to + 4))' y='\(number(y + 14))'>\(String(format: "%.2g", bar.ratio))</text>",
            ]
        }
        lines += [
            "<line x1='\(number(place(1)))' x2='\(number(place(1)))' y1='26' y2='\(number(height - 12))' stroke='#333'/>",
            "</svg>",
        ]
        return lines.joined(separator: "\n") + "\n"
    }

    private func escaped(_ text: String) -> String {
        text.replacingOccurrences(of: "&", with: "&amp;").replacingOccurrences(of: "<", with: "&lt;")
    }
}
