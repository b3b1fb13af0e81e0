// Factors of one item from its attributes.

extension ContentProjection {
    /// B'g for one item's features: d elements; `nil` for an item without features.
    public func factors(of item: Int, _ features: ItemFeatures) -> [Float]? {
        let range = features.matrix.range(of: item)
        guard !range.isEmpty else { return nil }
        var result = [Float](repeating: 0, count: matrix.columns)
        for entry in range {
            let row = matrix[row: Int(features.matrix.indices[entry])]
            for k in result.indices { result[k] += features.matrix.values[entry] * row[k] }
        }
        return result
    }
}
