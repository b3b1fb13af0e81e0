// Telling the processor what will be read soon.
import CMalloc

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
