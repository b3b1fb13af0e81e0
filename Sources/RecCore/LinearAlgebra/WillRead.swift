// Telling the processor what will be read soon.
import CBLAS

/// Asks memory for what stands at an address: a loop over rows in no order waits for each of them otherwise. It is a hint: nothing
/// changes, whatever the address.
@inline(__always)
func willRead(_ address: UnsafeRawPointer, bytes: Int) {
    for offset in stride(from: 0, to: bytes, by: 64) { rec_prefetch(address + offset) }
}

extension Array {
    /// The element at an index will be read soon.
    @inline(__always)
    func willRead(at index: Int) {
        withUnsafeBufferPointer { all in
            if let base = all.baseAddress { RecCore.willRead(base + index, bytes: MemoryLayout<Element>.stride) }
        }
    }
}

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
