// The one owner of a C object.
import Foundation

/// A kind of C object and how the library gets rid of it.
protocol CObject: SendableMetatype {
    static func destroy(_ pointer: OpaquePointer)
}

/// Owns a C object: destroys it when it goes out of scope, exactly once. Lend it with ``withPointer(_:)``; hand it over to a library
/// that takes ownership with ``take()``.
struct CHandle<Kind: CObject>: ~Copyable {
    private let pointer: OpaquePointer

    init(_ pointer: OpaquePointer) { self.pointer = pointer }

    borrowing func withPointer<Result, Failure: Error>(
        _ body: (OpaquePointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try body(pointer)
    }

    /// The object, which the caller owns from now on.
    consuming func take() -> OpaquePointer {
        let taken = pointer
        discard self
        return taken
    }

    /// Destroys the object on a thread of its own, for kinds whose destruction may wait for others.
    /// - Parameters:
    ///   - limit: how long this waits for it; behind that it goes on by itself.
    ///   - first: what is done before, on that thread.
    consuming func destroy(within limit: Duration, _ first: @escaping @Sendable (OpaquePointer) -> Void = { _ in }) {
        nonisolated(unsafe) let pointer = take()
        let isDone = DispatchSemaphore(value: 0)
        Thread {
            first(pointer)
            Kind.destroy(pointer)
            isDone.signal()
        }.start()
        _ = isDone.wait(timeout: .now() + limit / .seconds(1))
    }

    deinit { Kind.destroy(pointer) }
}
