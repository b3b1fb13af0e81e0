// Stopping without failing anyone.
import ServiceLifecycle
import Synchronization

/// Whether the server is about to stop.
final class Drain: Sendable {
    private let state = Atomic(false)
    var isDraining: Bool { state.load(ordering: .relaxed) }
    func begin() { state.store(true, ordering: .relaxed) }
}

/// The last of the services, and so the first that hears of a stop: it says so to balancers and clients, and lets them turn elsewhere
/// before the server stops listening.
struct DrainService: Service {
    let drain: Drain
    let delay: Duration
    let clock: any Clock<Duration>

    func run() async throws {
        try await gracefulShutdown()
        drain.begin()
        if delay > .zero { try await clock.sleep(for: delay) }
    }
}
