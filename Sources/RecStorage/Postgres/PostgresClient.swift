// One connection to PostgreSQL on a thread of its own, replaced when it broke.
import RecCore

/// Runs blocks of statements on one connection, one block after the other, on a thread that nothing else uses.
///
/// A connection that failed, or that a block left inside a transaction, is dropped; the next block makes a new one. One that
/// the server closed meanwhile is noticed before it is used.
actor PostgresClient {
    private let executor = BlockingExecutor("postgres")
    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }
    private let configuration: PostgresConfiguration
    private var session: PostgresSession?

    init(_ configuration: PostgresConfiguration) { self.configuration = configuration }

    /// - Parameter operation: what errors say was tried, as `history.load`.
    func run<T: Sendable>(
        _ operation: String, _ body: @Sendable (PostgresSession) throws -> T
    ) -> Result<T, StorageError> {
        do {
            let session = try ready(operation)
            session.operation = operation
            defer { if !session.isReusable { self.session = nil } }
            return .success(try body(session))
        } catch let error as StorageError {
            return .failure(error)
        } catch is TextHoldsNUL {
            return .failure(
                StorageError(
                    .rejected, operation: operation,
                    reason: "a text holds the character NUL, which PostgreSQL cannot keep"))
        } catch {
            return .failure(StorageError(.rejected, operation: operation, reason: "a value cannot be stored"))
        }
    }

    private func ready(_ operation: String) throws(StorageError) -> PostgresSession {
        if let session, session.isAlive { return session }
        session = nil
        let made = try PostgresSession(configuration, operation: operation)
        session = made
        return made
    }
}
