// The one owner of a C object.

/// A kind of C object and how the library gets rid of it.
protocol CObject {
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

    deinit { Kind.destroy(pointer) }
}
