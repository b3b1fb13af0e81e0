// Curves in a coordinate system, as a picture in a page.
import Foundation

/// Series of points with axes that are labelled; the first series is ours.
struct LinePlot {
    struct Series {
        let name: String
        /// In the order in which they are joined.
        let points: [(x: Double, y: Double)]
        /// Half of each point's interval; empty = not drawn.
        var margins: [Double] = []
        /// Whether points are joined.
        var isLine = true
    }
    let title: String
    let xLabel: String
    let yLabel: String
    let series: [Series]
    /// A vertical line, such as a bound.
    var mark: Double?

    private static let colours = [
        "#0a62c9", "#b5533c", "#2a7f62", "#8250df", "#9a6700", "#6e7781", "#bf3989", "#1b7c83", "#e3b341",
    ]

    var svg: String {
        let all = series.flatMap(\.points).filter { $0.x.isFinite && $0.y.isFinite }
        guard let first = all.first else { return "<p>no figures</p>" }
        var (x0, x1, y0, y1) = (first.x, first.x, first.y, first.y)
        for point in all {
            (x0, x1) = (min(x0, point.x), max(x1, point.x))
            (y0, y1) = (min(y0, point.y), max(y1, point.y))
        }
        if let mark { (x0, x1) = (min(x0, mark), max(x1, mark)) }
        if x1 - x0 < 1e-12 { x1 = x0 + 1 }
        if y1 - y0 < 1e-12 { y1 = y0 + 1 }
        let (left, top, width, height) = (70.0, 30.0, 560.0, 270.0)
        func x(_ value: Double) -> String { String(format: "%.1f", left + width * (value - x0) / (x1 - x0)) }
        func y(_ value: Double) -> String { String(format: "%.1f", top + height * (1 - (value - y0) / (y1 - y0))) }
        var svg = "<svg viewBox=\"0 0 860 350\" role=\"img\" aria-label=\"\(ReportPage.escaped(title))\">"
        svg += "<text x=\"\(Int(left))\" y=\"18\" font-weight=\"bold\">\(ReportPage.escaped(title))</text>"
        for tick in 0...4 {
            let (vx, vy) = (x0 + (x1 - x0) * Double(tick) / 4, y0 + (y1 - y0) * Double(tick) / 4)
            svg += "<line class=\"axis\" x1=\"\(x(vx))\" x2=\"\(x(vx))\" y1=\"\(y(y0))\" y2=\"\(y(y1))\"/>"
            svg += "<line class=\"axis\" x1=\"\(x(x0))\" x2=\"\(x(x1))\" y1=\"\(y(vy))\" y2=\"\(y(vy))\"/>"
            svg += "<text x=\"\(x(vx))\" y=\"318\" text-anchor=\"middle\">\(Self.short(vx))</text>"
            svg += "<text x=\"\(Int(left - 6))\" y=\"\(y(vy))\" text-anchor=\"end\">\(Self.short(vy))</text>"
        }
        svg += "<text x=\"350\" y=\"340\" text-anchor=\"middle\">\(ReportPage.escaped(xLabel))</text>"
        svg +=
            "<text x=\"14\" y=\"165\" transform=\"rotate(-90 14 165)\" text-anchor=\"middle\">\(ReportPage.escaped(yLabel))</text>"
        if let mark {
            svg +=
                "<line x1=\"\(x(mark))\" x2=\"\(x(mark))\" y1=\"\(y(y0))\" y2=\"\(y(y1))\" stroke=\"#888\" stroke-dasharray=\"4 4\"/>"
        }
        for (number, one) in series.enumerated() {
            let colour = Self.colours[number % Self.colours.count]
            let points = one.points.filter { $0.x.isFinite && $0.y.isFinite }
            if one.isLine {
                let path = points.map { "\(x($0.x)),\(y($0.y))" }.joined(separator: " ")
                svg += "<polyline points=\"\(path)\" stroke=\"\(colour)\"/>"
            }
            for (place, point) in points.enumerated() {
                if place < one.margins.count {
                    let (low, high) = (max(y0, point.y - one.margins[place]), min(y1, point.y + one.margins[place]))
                    svg +=
                        "<line x1=\"\(x(point.x))\" x2=\"\(x(point.x))\" y1=\"\(y(low))\" y2=\"\(y(high))\" stroke=\"\(colour)\"/>"
                }
                svg += "<circle cx=\"\(x(point.x))\" cy=\"\(y(point.y))\" r=\"3\" fill=\"\(colour)\"/>"
            }
            let row = 40 + 18 * number
            svg += "<circle cx=\"650\" cy=\"\(row - 4)\" r=\"4\" fill=\"\(colour)\"/>"
            svg += "<text x=\"660\" y=\"\(row)\">\(ReportPage.escaped(one.name))</text>"
        }
        return svg + "</svg>"
    }

    private static func short(_ value: Double) -> String { String(format: "%.3g", value) }
}
