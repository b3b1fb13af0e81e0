// A few connections for many callers.
import RecCore
import Synchronization

/// Gives a block of statements the next connection that is free; callers wait in the order they came.
///
/// Waiting is bounded twice: by time, the statement timeout, and by number. Connections are made when they are needed.
final class PostgresPool: Sendable {
    let configuration: PostgresConfiguration
    private let state = Mutex(State())
    private static let mostWaiting = 1024

    private struct State {
        var idle: [PostgresClient] = []
        var made = 0
        var waiting: [(ticket: Int, continuation: CheckedContinuation<PostgresClient?, Never>)] = []
        var tickets = 0
    }

    init(_ configuration: PostgresConfiguration) { self.configuration = configuration }

    /// Runs `body` with a connection, on the connection's thread.
    func run<T: Sendable>(
        _ operation: String, _ body: @Sendable (PostgresSession) throws -> T
    ) async throws(StorageError) -> T {
        guard let client = await client() else {
            throw StorageError(
                .unavailable, operation: operation,
                reason: Task.isCancelled ? "the task was cancelled" : "no connection to PostgreSQL became free in time")
        }
        let result = await client.run(operation, body)
        release(client)
        return try result.get()
    }

    /// Runs `body` as one transaction.
    func transaction<T: Sendable>(
        _ operation: String, _ body: @Sendable (PostgresSession) throws -> T
    ) async throws(StorageError) -> T {
        try await run(operation) { session in try session.transaction(body) }
    }

    private func client() async -> PostgresClient? {
        if let free = state.withLock({ takeFree(&$0) }) { return free }
        let ticket = state.withLock { state in
            state.tickets += 1
            return state.tickets
        }
        let timer = Task { [self] in
            try await Task.sleep(for: configuration.statementTimeout)
            giveUp(ticket)
        }
        defer { timer.cancel() }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                // A task that was cancelled before this point is not told so again.
                let answer = state.withLock { state -> PostgresClient?? in
                    if let free = takeFree(&state) { return free }
                    if Task.isCancelled || state.waiting.count >= Self.mostWaiting { return .some(nil) }
                    state.waiting.append((ticket, continuation))
                    return nil
                }
                if let answer { continuation.resume(returning: answer) }
            }
        } onCancel: {
            giveUp(ticket)
        }
    }

    private func takeFree(_ state: inout State) -> PostgresClient? {
        if let idle = state.idle.popLast() { return idle }
        guard state.made < configuration.poolSize else { return nil }
        state.made += 1
        return PostgresClient(configuration)
    }

    private func giveUp(_ ticket: Int) {
        let waiter = state.withLock { state in
            state.waiting.firstIndex { $0.ticket == ticket }.map { state.waiting.remove(at: $0) }
        }
        waiter?.continuation.resume(returning: nil)
    }

    private func release(_ client: PostgresClient) {
        let waiter = state.withLock { state in
            guard !state.waiting.isEmpty else {
                state.idle.append(client)
                return nil as CheckedContinuation<PostgresClient?, Never>?
            }
            return state.waiting.removeFirst().continuation
        }
        waiter?.resume(returning: client)
    }
}
