// A thread of its own for an actor whose work blocks in C.
import Foundation

/// Runs the jobs of one actor on a thread that nothing else uses: a call that blocks never holds one of the few threads of Swift's
/// pool. Give it to an actor as its `unownedExecutor`, and let the actor hold it.
final class BlockingExecutor: SerialExecutor {
    private let queue = Queue()
    /// Held here, as work that waits holds it unowned.
    private let door: Door

    /// - Parameter name: of the thread, as debuggers show it.
    init(_ name: String) {
        door = Door(queue)
        let thread = Thread { [queue] in queue.run() }
        thread.name = name
        thread.start()
    }

    deinit { queue.stop() }

    func enqueue(_ job: consuming ExecutorJob) {
        queue.add(UnownedJob(job), on: asUnownedSerialExecutor())
    }

    /// Lets the actor's other calls that wait go first, without leaving the thread. `Task.yield`, and every continuation, goes through
    /// Swift's pool: there a call that polls would stand still for as long as others compute.
    func giveWay(isolation: isolated (any Actor)? = #isolation) async { await door.pass() }

    /// An actor on the same thread: who comes back from it stands behind those that wait.
    private actor Door {
        private let thread: SameThread
        nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }
        private var passes = 0

        init(_ queue: Queue) { thread = SameThread(queue) }

        /// Counts, as the optimizer leaves out the way to an actor and back where nothing is done there (Scripts/check-optimized).
        @inline(never) func pass() { passes &+= 1 }

        private final class SameThread: SerialExecutor {
            private let queue: Queue
            init(_ queue: Queue) { self.queue = queue }
            func enqueue(_ job: consuming ExecutorJob) { queue.add(UnownedJob(job), on: asUnownedSerialExecutor()) }
        }
    }

    /// The jobs that wait. The condition's lock guards both variables.
    private final class Queue: @unchecked Sendable {
        private let condition = NSCondition()
        private var jobs: [(job: UnownedJob, executor: UnownedSerialExecutor)] = []
        private var isStopped = false

        func add(_ job: UnownedJob, on executor: UnownedSerialExecutor) {
            condition.lock()
            jobs.append((job, executor))
            condition.signal()
            condition.unlock()
        }

        func stop() {
            condition.lock()
            isStopped = true
            condition.signal()
            condition.unlock()
        }

        func run() {
            while true {
                condition.lock()
                while jobs.isEmpty && !isStopped { condition.wait() }
                let next = jobs
                jobs.removeAll()
                condition.unlock()
                // A stopped executor has no actor any more, and so no jobs.
                if next.isEmpty { return }
                for (job, executor) in next { job.runSynchronously(on: executor) }
            }
        }
    }
}
