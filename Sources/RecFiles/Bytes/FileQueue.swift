// The executor on which actors do blocking file work, away from Swift's own threads.
import Dispatch

/// Runs an actor's jobs one after the other on a dispatch queue, whose threads may block.
final class FileQueue: SerialExecutor {
    private let queue: DispatchQueue

    init(label: String) { queue = DispatchQueue(label: label) }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        queue.async { job.runSynchronously(on: self.asUnownedSerialExecutor()) }
    }
}
