// What a user's past leads to: sums over the neighbours of its items, and how widely they spread.

extension SignalScorer {
    /// 1 / standard deviation of each neighbourhood sum over the items with events.
    struct Spread {
        var roots: SIMD8<Float>
        var signed: SIMD2<Float>
        var walkSum: Float
    }

    /// Items at the end of a past that lead to what is taken next, and how much less each counts than the one behind it.
    static let sequenceItems = 20
    static let sequenceDecay: Float = 0.8

    /// Square roots of the neighbourhood sums, and the signed ones as they are, into the working memory.
    func addNeighbours(_ past: [PastItem], _ work: inout Work) -> Spread {
        let newest =
            past.count <= ItemNeighbours.longestHistory
            ? past
            : Array(
                past.sorted { ($0.lastMinutes, $0.item) > ($1.lastMinutes, $1.item) }
                    .prefix(ItemNeighbours.longestHistory))
        let matrix = neighbours.matrix
        matrix.values.withUnsafeBufferPointer { walks in
            neighbours.together.withUnsafeBufferPointer { together in
                for item in newest {
                    let own = damping[Int(item.item)]
                    let step = 1 / max(1, neighbours.sizes[Int(item.item)])
                    let walk = SIMD8<Float>(own.x, step, 0, 0, 0, 0, 0, step)
                    let cosine = SIMD8<Float>(
                        0, 0, own.x * item.freshness.fast, own.x * item.freshness.slow, own.x, 0, 0, 0)
                    work.add(matrix.range(of: Int(item.item)), of: matrix.indices) {
                        walk * walks[$0] + cosine * together[$0]
                    }
                }
            }
        }
        let content = contentNeighbours.matrix
        content.values.withUnsafeBufferPointer { values in
            for item in newest {
                work.add(content.range(of: Int(item.item)), of: content.indices) {
                    SIMD8(0, 0, 0, 0, 0, values[$0], values[$0] * values[$0], 0)
                }
            }
        }
        addRegression(past, &work)
        var moments = Moments()
        for place in 0..<work.count {
            if place + 8 < work.count { damping.willRead(at: work.row(at: place + 8)) }
            let row = work.row(at: place)
            let damp = damping[row]
            let sum = work.sums.base[place] * SIMD8(damp.x, damp.y, damp.z, damp.z, damp.z, 1, 1, 1)
            let root = sum.squareRoot()
            work.sums.base[place] = root
            var signed = work.signed.base[place]
            signed.y = signed.y.squareRoot()
            work.signed.base[place] = signed
            if !isNew[row] { moments.add(root, signed, walkSum: sum[7]) }
        }
        return moments.spread(count: Float(max(1, soldItems)))
    }

    /// Items of a past that the regression sums over.
    static let regressionItems = 1000

    private func addRegression(_ past: [PastItem], _ work: inout Work) {
        regression.matrix.indices.withUnsafeBufferPointer { indices in
            regression.matrix.values.withUnsafeBufferPointer { values in
                for item in past.prefix(Self.regressionItems) {
                    for entry in regression.matrix.range(of: Int(item.item)) {
                        work.signed.base[work.placing(Int(indices[entry]))].x += values[entry]
                    }
                }
            }
        }
        guard sequences.matrix.entryCount > 0 else { return }
        for (item, weight) in zip(past, sequenceWeights(past)) where weight > 0 {
            for entry in sequences.matrix.range(of: Int(item.item)) {
                let place = work.placing(Int(sequences.matrix.indices[entry]))
                work.signed.base[place].y += weight * sequences.matrix.values[entry]
            }
        }
    }

    /// What each item of a past counts as the beginning of a sequence.
    func sequenceWeights(_ past: [PastItem]) -> [Float] {
        var weights = [Float](repeating: 0, count: past.count)
        var weight: Float = 1
        var last: Int32?
        let newest = past.indices.sorted {
            (past[$0].lastMinutes, past[$0].item) > (past[$1].lastMinutes, past[$1].item)
        }
        for place in newest.prefix(Self.sequenceItems) {
            if let last, last != past[place].lastMinutes { weight *= Self.sequenceDecay }
            last = past[place].lastMinutes
            weights[place] = weight
        }
        return weights
    }

    /// Sums and squares over the items with events.
    private struct Moments {
        var roots = (SIMD8<Float>.zero, SIMD8<Float>.zero)
        var signed = (SIMD2<Float>.zero, SIMD2<Float>.zero)
        var walk: (Float, Float) = (0, 0)

        mutating func add(_ root: SIMD8<Float>, _ signs: SIMD2<Float>, walkSum: Float) {
            roots = (roots.0 + root, roots.1 + root * root)
            signed = (signed.0 + signs, signed.1 + signs * signs)
            walk = (walk.0 + walkSum, walk.1 + walkSum * walkSum)
        }

        func spread(count: Float) -> Spread {
            func scale<V: SIMD<Float>>(_ sums: (V, V)) -> V {
                let variance = sums.1 / count - (sums.0 / count) * (sums.0 / count)
                let least = V(repeating: 1e-20)
                return V(repeating: 1).replacing(
                    with: 1
                        / variance.clamped(lowerBound: least, upperBound: V(repeating: .greatestFiniteMagnitude))
                        .squareRoot(), where: variance .> least)
            }
            return Spread(
                roots: scale(roots), signed: scale(signed), walkSum: scale((SIMD2(walk.0, 0), SIMD2(walk.1, 0))).x)
        }
    }
}
