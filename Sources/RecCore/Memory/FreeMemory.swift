// Giving memory back to the system between the steps of heavy work.
import CMalloc

/// Returns what was freed and is kept for later: after a step that made millions of small things, it is no use to the next.
/// Does nothing where the C library has no way to. - Complexity: O(free pieces).
func returnFreeMemory() { rec_return_free_memory() }
