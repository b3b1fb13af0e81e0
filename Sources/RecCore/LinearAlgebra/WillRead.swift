// Telling the processor which rows will be read soon.

extension DenseMatrix {
    /// A row will be read soon.
    @inline(__always)
    func willRead(row: Int) {
        elements.withUnsafeBufferPointer { all in
            if let base = all.baseAddress { RecCore.willRead(base + row * columns, bytes: 4 * columns) }
        }
    }
}

extension InteractionMatrix {
    /// The entries of a row, which must be one of the matrix, will be read soon.
    @inline(__always)
    func willRead(row: Int) {
        let entries = range(of: row)
        indices.withUnsafeBufferPointer { all in
            if let base = all.baseAddress { RecCore.willRead(base + entries.lowerBound, bytes: 4 * entries.count) }
        }
        values.withUnsafeBufferPointer { all in
            if let base = all.baseAddress { RecCore.willRead(base + entries.lowerBound, bytes: 4 * entries.count) }
        }
    }
}
