// The one way work is spread over cores: contiguous row ranges, disjoint output.
import Dispatch
import Synchronization

/// How work is spread.
enum Parallel {
    /// True where everything is to run on the calling thread, to show that the number of threads does not matter.
    @TaskLocal static var isSerial = false
}

/// Runs `body` over `0..<count` in ranges of `grain`, on all cores. The cut into ranges depends on `grain` alone, never on the
/// number of cores, so a body that sums inside its range gives the same bits everywhere.
func forEachRange(_ count: Int, grain: Int, _ body: @Sendable (Range<Int>) -> Void) {
    let chunks = (count + grain - 1) / grain
    guard chunks > 1, !Parallel.isSerial else {
        for chunk in 0..<chunks { body((chunk * grain)..<min(count, (chunk + 1) * grain)) }
        return
    }
    DispatchQueue.concurrentPerform(iterations: chunks) { chunk in
        body((chunk * grain)..<min(count, (chunk + 1) * grain))
    }
}

/// A pointer that workers write through, each to rows of its own: the cut into ranges guarantees that they do not meet.
struct DisjointRows<Element>: @unchecked Sendable {
    let base: UnsafeMutablePointer<Element>
}
