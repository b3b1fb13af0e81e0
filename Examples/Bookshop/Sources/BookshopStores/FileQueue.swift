// Where the stores write: a queue of its own, so that a disk that is slow holds none of Swift's few threads.
import Dispatch

/// Runs the jobs of one actor on a dispatch queue. Give it to the actor as its `unownedExecutor`, and let the actor hold it.
final class FileQueue: SerialExecutor {
    private let queue = DispatchQueue(label: "bookshop files")

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        queue.async { job.runSynchronously(on: self.asUnownedSerialExecutor()) }
    }
}
