// Work that ends by itself, by an error, or by what runs beside it.
import Foundation
import ServiceLifecycle
import Synchronization
import Testing

@testable import RecStores

@Suite struct UntilStoppedTests {
    private struct Failure: Error, Equatable {
        let of: String
    }

    /// Runs until it is told to stop, or fails at once.
    private final class Neighbour: Service {
        private let fails: Bool
        let hasEnded = Mutex(false)
        init(fails: Bool = false) { self.fails = fails }

        func run() async throws {
            defer { hasEnded.withLock { $0 = true } }
            if fails { throw Failure(of: "neighbour") }
            try await gracefulShutdown()
        }
    }

    @Test func workThatEndsStopsWhatRunsBesideIt() async throws {
        let neighbour = Neighbour()
        try await untilStopped(beside: [neighbour]) {}
        #expect(neighbour.hasEnded.withLock { $0 })
    }

    @Test(arguments: [false, true])
    func whatTheWorkThrowsIsThrown(_ hasNeighbour: Bool) async throws {
        let neighbours = hasNeighbour ? [Neighbour()] : []
        let error = await #expect(throws: Failure.self) {
            try await untilStopped(beside: neighbours) { throw Failure(of: "work") }
        }
        #expect(error == Failure(of: "work"))
        #expect(neighbours.allSatisfy { $0.hasEnded.withLock { $0 } })
    }

    @Test func aNeighbourThatFailsEndsTheWork() async throws {
        let wasCancelled = Mutex(false)
        let error = await #expect(throws: Failure.self) {
            try await untilStopped(beside: [Neighbour(fails: true)]) {
                let (never, _) = AsyncStream.makeStream(of: Void.self)
                for await _ in never {}
                wasCancelled.withLock { $0 = Task.isCancelled }
            }
        }
        #expect(error == Failure(of: "neighbour"))
        #expect(wasCancelled.withLock { $0 })
    }

    @Test func workThatDoesNotEndIsGivenUp() async {
        await #expect(processExitsWith: .exitCode(75)) {
            try await untilStopped(patience: .milliseconds(200)) {
                kill(getpid(), SIGTERM)
                // As the answer of a store for which nobody can wait no more.
                await withCheckedContinuation { (_: CheckedContinuation<Void, Never>) in }
            }
        }
    }

    @Test func workThatEndsInTimeAfterASignalEndsWell() async {
        await #expect(processExitsWith: .success) {
            try await untilStopped {
                kill(getpid(), SIGTERM)
                let (never, _) = AsyncStream.makeStream(of: Void.self)
                for await _ in never {}
            }
        }
    }

    @Test func anErrorOfWorkThatIsToldToStopIsNotLost() async throws {
        let error = await #expect(throws: Failure.self) {
            try await untilStopped(beside: [Neighbour(fails: true)]) {
                let (never, _) = AsyncStream.makeStream(of: Void.self)
                for await _ in never {}
                throw Failure(of: "work")
            }
        }
        #expect(error == Failure(of: "work"))
    }
}
