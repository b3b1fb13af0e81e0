// What is taken after what.

/// For each item the items that the same users took next, decaying with how many steps later and how long ago.
///
///     follows_ij = sum over users who took i and later j of (1 / steps between) 2^(-age of j / 90 days)
///     value_ij   = follows_ij / (n_i n_j^0.3)
///
/// Items that a user took at the same moment are one step: among them there is no order. Sequential rules as in Ludewig and
/// Jannach, Evaluation of session-based recommendation algorithms, UMUAI 2018, section 3.1, with decay by age.
public struct ItemSequences: Sendable {
    /// items x items; row i holds what follows i, the 100 largest. Empty where the data have no order.
    public let matrix: InteractionMatrix
    /// Sequences that are known already; an empty matrix = none.
    public init(matrix: InteractionMatrix) { self.matrix = matrix }

    static let kept = 100
    /// Steps, and items, that one item looks ahead; items of a user that take part, the latest.
    static let span = 10
    static let reach = 40
    static let longest = 200
    static let halfLifeDays = 90.0

    /// - Complexity: O(entries * `reach`); memory O(entries + items) a worker.
    public static func build(_ history: InteractionHistory) -> ItemSequences {
        let items = history.items.count
        guard history.firstTime < history.lastTime else {
            return ItemSequences(matrix: .empty(rows: items, columns: items))
        }
        let walk = Walk(history)
        let sizes = history.itemUsers
        let grain = 256
        let gathered = Gathered(count: (items + grain - 1) / grain)
        forEachRange(items, grain: grain) { range in
            var sums = [Float](repeating: 0, count: items)
            var touched: [Int32] = []
            var part = Gathered.Part()
            for item in range {
                touched.removeAll(keepingCapacity: true)
                for place in walk.places[walk.starts[item]..<walk.starts[item + 1]] {
                    walk.forEachLater(than: Int(place)) { other, weight in
                        if sums[Int(other)] == 0 { touched.append(other) }
                        sums[Int(other)] += weight
                    }
                }
                var best = TopK(capacity: kept)
                for other in touched {
                    let size = Double(max(1, sizes[Int(other)]))
                    let value = sums[Int(other)] / max(1, sizes[item]) * Float(powOf(size, -0.3))
                    best.offer(ScoredRow(row: Int(other), score: value))
                    sums[Int(other)] = 0
                }
                let entries = best.sorted().sorted { $0.row < $1.row }
                part.lengths.append(entries.count)
                part.indices += entries.map { Int32($0.row) }
                part.values += entries.map(\.score)
            }
            gathered.put(range.lowerBound / grain, part)
        }
        return ItemSequences(matrix: gathered.matrix(rows: items, columns: items).matrix)
    }

    /// All pasts in order of time, one behind the other, and where each item is in them.
    private struct Walk: Sendable {
        var items: [Int32] = []
        var minutes: [Int32] = []
        /// Behind the last place of the same user.
        var ends: [Int32] = []
        var starts: [Int] = []
        var places: [Int32] = []
        let lastMinutes: Int32

        init(_ history: InteractionHistory) {
            let matrix = history.matrix
            lastMinutes = history.lastMinutes.max() ?? 0
            let total = (0..<matrix.rows).reduce(0) { $0 + min(ItemSequences.longest, matrix.range(of: $1).count) }
            items.reserveCapacity(total)
            minutes.reserveCapacity(total)
            ends.reserveCapacity(total)
            for user in 0..<matrix.rows {
                let entries = matrix.range(of: user).sorted {
                    (history.lastMinutes[$0], $0) < (history.lastMinutes[$1], $1)
                }.suffix(ItemSequences.longest)
                let end = Int32(items.count + entries.count)
                for entry in entries {
                    items.append(matrix.indices[entry])
                    minutes.append(history.lastMinutes[entry])
                    ends.append(end)
                }
            }
            starts = [Int](repeating: 0, count: matrix.columns + 1)
            for item in items { starts[Int(item) + 1] += 1 }
            for item in 0..<matrix.columns { starts[item + 1] += starts[item] }
            var next = starts
            places = [Int32](repeating: 0, count: items.count)
            for (place, item) in items.enumerated() {
                places[next[Int(item)]] = Int32(place)
                next[Int(item)] += 1
            }
        }

        func forEachLater(than place: Int, _ take: (_ item: Int32, _ weight: Float) -> Void) {
            var step = 0
            var now = minutes[place]
            for later in (place + 1)..<max(place + 1, min(Int(ends[place]), place + 1 + ItemSequences.reach)) {
                if minutes[later] != now {
                    step += 1
                    now = minutes[later]
                }
                guard step > 0 else { continue }
                guard step <= ItemSequences.span else { break }
                let days = Double(Int64(lastMinutes) - Int64(now)) / 1440
                take(items[later], Float(exp2Of(-days / ItemSequences.halfLifeDays)) / Float(step))
            }
        }
    }
}
