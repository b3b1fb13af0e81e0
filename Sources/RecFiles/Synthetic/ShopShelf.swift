// What a made-up shop sells on one day, ready for drawing.
import Foundation

/// The articles' weights on the current day, in order of group, summed up for search.
struct ShopShelf {
    private let articles: [SyntheticShop.Article]
    /// Article numbers in order of group, and where each group begins.
    private let order: [Int]
    private let groupStarts: [Int]
    /// Weight without the season; it decays day by day.
    private var fresh: [Double]
    private let decay: [Double]
    /// Sums of the weights up to and including a place in `order`.
    private var sums: [Double]
    private var weights: [Double]

    init(_ shop: SyntheticShop) {
        articles = shop.articles
        let articles = shop.articles
        order = articles.indices.sorted { (articles[$0].group, $0) < (articles[$1].group, $1) }
        var starts = [Int](repeating: 0, count: shop.groupCount + 1)
        for article in articles { starts[article.group + 1] += 1 }
        for group in 0..<shop.groupCount { starts[group + 1] += starts[group] }
        groupStarts = starts
        decay = articles.map { exp(-1 / $0.lifetime) }
        fresh = articles.map { $0.launch < 0 ? $0.popularity * exp(Double($0.launch) / $0.lifetime) : 0 }
        sums = [Double](repeating: 0, count: articles.count)
        weights = sums
    }

    /// Puts up the articles of a day; days must come in order.
    mutating func open(day: Int, seasons: [Double]) {
        var sum = 0.0
        for place in order.indices {
            let index = order[place]
            let launch = articles[index].launch
            if launch == day {
                fresh[index] = articles[index].popularity
            } else if launch < day {
                fresh[index] *= decay[index]
            }
            // What sold next to nothing is taken off the shelf.
            let isSold = launch <= day && fresh[index] > articles[index].popularity * 0.02
            weights[index] = isSold ? fresh[index] * (articles[index].season.map { seasons[$0] } ?? 1) : 0
            sum += weights[index]
            sums[place] = sum
        }
    }

    func isSold(_ article: Int) -> Bool { weights[article] > 0 }

    /// Draws an article of a group by weight; any article when the group sells nothing today.
    func draw(group: Int?, _ generator: inout ShopGenerator) -> Int {
        var (low, high) = (0, order.count)
        if let group, groupStarts[group] < groupStarts[group + 1] {
            let start = groupStarts[group]
            let end = groupStarts[group + 1]
            if sums[end - 1] > (start > 0 ? sums[start - 1] : 0) { (low, high) = (start, end) }
        }
        let floor = low > 0 ? sums[low - 1] : 0
        let target = floor + generator.unit() * (sums[high - 1] - floor)
        let last = high - 1
        while low < high {
            let middle = (low + high) / 2
            if sums[middle] > target { high = middle } else { low = middle + 1 }
        }
        return order[min(low, last)]
    }
}
