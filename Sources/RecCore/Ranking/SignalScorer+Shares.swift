// Which items of a past a signal comes from.

extension SignalScorer {
    /// A part of a signal: `place` in the past, and its share of the value.
    struct Share {
        let place: Int
        let share: Double
    }

    /// For each signal of an item that is a sum over the past, the shares of the items in it; they sum to 1. Taste is not
    /// among them: see ``FoldIn/shares(of:confidences:in:)``.
    /// - Complexity: O(|past| * log neighbours + features).
    func shares(of row: Int, among past: [PastItem]) -> [(signal: Signal, shares: [Share])] {
        var found: [(signal: Signal, shares: [Share])] = []
        func add(_ signals: [Signal], _ amounts: [Double]) {
            let sum = amounts.reduce(0, +)
            guard abs(sum) > 1e-12 else { return }
            let shares = amounts.enumerated().filter { $0.element != 0 }
                .map { Share(place: $0.offset, share: $0.element / sum) }
            for signal in signals { found.append((signal, shares)) }
        }
        let entries = past.map { entry(of: row, in: neighbours.matrix, row: Int($0.item)) }
        func neighbourAmounts(_ amount: (_ place: Int, _ entry: Int) -> Float) -> [Double] {
            entries.enumerated().map { place, entry in entry.map { Double(amount(place, $0)) } ?? 0 }
        }
        func size(_ place: Int) -> Float { max(1, neighbours.sizes[Int(past[place].item)]) }
        let walks = neighbours.matrix.values
        let together = neighbours.together
        add([.graph], neighbourAmounts { walks[$1] / size($0).squareRoot() })
        add([.walk, .plainWalk, .walkSum], neighbourAmounts { walks[$1] / size($0) })
        add([.similar], neighbourAmounts { together[$1] / size($0).squareRoot() })
        add([.similarFast], neighbourAmounts { together[$1] / size($0).squareRoot() * past[$0].freshness.fast })
        add([.similarSlow], neighbourAmounts { together[$1] / size($0).squareRoot() * past[$0].freshness.slow })
        add([.regression], amounts(regression.matrix, of: row, past))
        let near = amounts(contentNeighbours.matrix, of: row, past)
        add([.contentNeighbours, .newContentNeighbours], near)
        add([.contentTwins, .newContentTwins], near.map { $0 * $0 })
        add([.sequence], zip(amounts(sequences.matrix, of: row, past), sequenceWeights(past)).map { $0 * Double($1) })
        add([.content, .contentSharp, .newContent], contentAmounts(row, past))
        if let place = past.firstIndex(where: { Int($0.item) == row }) {
            for signal in Signal.allCases where signal.channel == .ownHistory {
                found.append((signal, [Share(place: place, share: 1)]))
            }
        }
        return found
    }

    private func amounts(_ matrix: InteractionMatrix, of row: Int, _ past: [PastItem]) -> [Double] {
        past.map { item in entry(of: row, in: matrix, row: Int(item.item)).map { Double(matrix.values[$0]) } ?? 0 }
    }

    /// Place of a column in a row, by halves.
    private func entry(of column: Int, in matrix: InteractionMatrix, row: Int) -> Int? {
        var range = matrix.range(of: row)
        while !range.isEmpty {
            let middle = (range.lowerBound + range.upperBound) / 2
            let found = Int(matrix.indices[middle])
            if found == column { return middle }
            range = found < column ? (middle + 1)..<range.upperBound : range.lowerBound..<middle
        }
        return nil
    }

    private func contentAmounts(_ row: Int, _ past: [PastItem]) -> [Double] {
        var own: [Int32: Float] = [:]
        for entry in features.matrix.range(of: row) {
            own[features.matrix.indices[entry]] = features.matrix.values[entry]
        }
        guard !own.isEmpty else { return [] }
        return past.map { item in
            features.matrix.range(of: Int(item.item)).reduce(0.0) { sum, entry in
                sum + Double(own[features.matrix.indices[entry]] ?? 0) * Double(features.matrix.values[entry])
            } * Double(item.freshness.slow)
        }
    }
}
