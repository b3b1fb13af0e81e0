// Actors whose work blocks.
import Testing

@testable import RecStorage

private actor Counter {
    private let executor = BlockingExecutor("counter")
    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }
    private var count = 0
    func add() -> Int {
        count += 1
        return count
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
}
