// Actors whose work blocks.
import Dispatch
import Synchronization
import Testing

@testable import RecStorage

private actor Counter {
    private let executor = BlockingExecutor("counter")
    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }
    private var count = 0
    @discardableResult func add() -> Int {
        count += 1
        return count
    }

    /// Gives way while other calls wait. - Returns: whether one time let all of them in.
    func giveWayToOthers() async -> Bool {
        let before = count
        for _ in 0..<10 { Task { add() } }
        await executor.giveWay()
        let wereLetIn = count == before + 10
        for _ in 0..<1000 { await executor.giveWay() }
        return wereLetIn
    }
}

/// Stands for Swift's pool, and counts what goes through it.
private final class CountingPool: TaskExecutor {
    private let queue = DispatchQueue(label: "pool")
    let count = Atomic(0)

    func enqueue(_ job: consuming ExecutorJob) {
        count.add(1, ordering: .relaxed)
        let job = UnownedJob(job)
        queue.async { [self] in job.runSynchronously(on: asUnownedTaskExecutor()) }
    }
}

@Suite struct ExecutorTests {
    @Test func anActorOnItsOwnThreadAnswersEveryCallOnce() async {
        let counter = Counter()

        let answers = await withTaskGroup { group in
            for _ in 0..<1000 { group.addTask { await counter.add() } }
            return await group.reduce(into: Set<Int>()) { $0.insert($1) }
        }

        #expect(answers == Set(1...1000))
    }

    @Test func aCallThatGivesWayLetsOthersInAndKeepsAwayFromSwiftsPool() async {
        let (counter, pool) = (Counter(), CountingPool())

        let wereLetIn = await withTaskExecutorPreference(pool) { await counter.giveWayToOthers() }

        #expect(wereLetIn)
        // A few on the way in and out; none of the thousand.
        #expect(pool.count.load(ordering: .relaxed) < 10)
    }
}
