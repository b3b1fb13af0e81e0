// What policies sold and found in simulated shops, for people, programs and the eye.
import Foundation
import RecCore

/// Reports by shop, and of each shop by policy; the first policy is what others are held against.
public struct SimulationTable: Sendable {
    /// Of the policies, in the order of each shop's reports.
    public let names: [String]
    /// By shop, and of each shop by policy.
    public let reports: [[SimulationReport]]
    /// - Parameters:
    ///   - names: one a policy.
    ///   - reports: by shop, and of each shop as many as `names`.
    public init(names: [String], reports: [[SimulationReport]]) { (self.names, self.reports) = (names, reports) }

    private func mean(_ policy: Int, _ value: (SimulationFigures) -> Double) -> Double {
        reports.reduce(0) { $0 + value($1[policy].total) } / Double(max(1, reports.count))
    }

    /// For a person: means over the shops, and how each policy compares with the first.
    public var text: String {
        var lines = [
            "means of \(reports.count) shops over \(reports.first?.first?.weeks.count ?? 0) weeks",
            "policy".padded(to: 44) + "sales    of first  new sellers  of first  catalogue  conversion  regret",
        ]
        for (place, name) in names.enumerated() {
            let (sales, new) = (mean(place) { Double($0.sales) }, mean(place) { Double($0.newSellers) })
            let (firstSales, firstNew) = (mean(0) { Double($0.sales) }, mean(0) { Double($0.newSellers) })
            lines.append(
                name.padded(to: 44)
                    + String(
                        format: "%-8.0f %-9.3f %-12.1f %-9.2f %-10.3f %-11.3f %.0f", sales, sales / max(1, firstSales),
                        new, new / max(1, firstNew), mean(place) { $0.catalogueShare },
                        mean(place) { $0.conversion }, mean(place) { $0.regret }))
        }
        return lines.joined(separator: "\n")
    }

    /// For programs: a row a policy, with the sales of each week.
    public func json() throws -> String {
        struct Row: Encodable {
            let policy: String
            let sales, newSellers, catalogueShare, conversion, regret: Double
            let weeklySales: [Double]
        }
        let rows = names.enumerated().map { place, name in
            Row(
                policy: name, sales: mean(place) { Double($0.sales) },
                newSellers: mean(place) { Double($0.newSellers) },
                catalogueShare: mean(place) { $0.catalogueShare }, conversion: mean(place) { $0.conversion },
                regret: mean(place) { $0.regret }, weeklySales: weekly(place) { Double($0.sales) })
        }
        return try PrettyJSON.text(rows)
    }

    /// Means over the shops, week by week.
    private func weekly(_ policy: Int, _ value: (SimulationFigures) -> Double) -> [Double] {
        let weeks = reports.first?[policy].weeks.count ?? 0
        return (0..<weeks).map { week in
            reports.reduce(0) { $0 + value($1[policy].weeks[week]) } / Double(max(1, reports.count))
        }
    }

    /// A self-contained page with curves by week.
    public var page: String {
        func plot(_ title: String, isSum: Bool = false, _ value: @escaping (SimulationFigures) -> Double) -> String {
            LinePlot(
                title: title, xLabel: "week", yLabel: title,
                series: names.enumerated().map { place, name in
                    var sum = 0.0
                    let points = weekly(place, value).enumerated().map { week, value in
                        sum += value
                        return (Double(week + 1), isSum ? sum : value)
                    }
                    return LinePlot.Series(name: name, points: points)
                }
            ).svg
        }
        let title = "Policies in simulated shops"
        return ReportPage.document(
            title: title,
            body: """
                <h1>\(title)</h1>\(plot("sales a week") { Double($0.sales) })
                \(plot("share of visits with a purchase") { $0.conversion })
                \(plot("sales of items launched meanwhile, summed", isSum: true) { Double($0.newItemSales) })
                \(plot("share of the catalogue that sold in the week") { $0.catalogueShare })
                \(plot("regret, summed: sales that the best slates would have brought on top", isSum: true) { $0.regret })
                \(ReportPage.table(text))
                """)
    }
}
