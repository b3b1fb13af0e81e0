// Arrays as NumPy writes them (.npy, format 1.0): little-endian, C order.

/// The element types an artifact may hold.
protocol NumpyElement: BitwiseCopyable, Sendable {
    static var descriptor: String { get }
}
extension Float: NumpyElement { static var descriptor: String { "<f4" } }
extension Int32: NumpyElement { static var descriptor: String { "<i4" } }
extension Int64: NumpyElement { static var descriptor: String { "<i8" } }
extension UInt8: NumpyElement { static var descriptor: String { "|u1" } }

enum NumpyFile {
    /// The bytes before the elements; their number is a multiple of 64, so that a mapped array is aligned.
    static func header<Element: NumpyElement>(of type: Element.Type, shape: [Int]) -> [UInt8] {
        let dimensions =
            shape.count == 1 ? "(\(shape[0]),)" : "(" + shape.map(String.init).joined(separator: ", ") + ")"
        var text = "{'descr': '\(Element.descriptor)', 'fortran_order': False, 'shape': \(dimensions), }"
        let unpadded = 10 + text.utf8.count + 1
        text += String(repeating: " ", count: (64 - unpadded % 64) % 64) + "\n"
        let length = UInt16(text.utf8.count)
        return [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(length & 0xff), UInt8(length >> 8)] + Array(text.utf8)
    }

    /// Writes a new file that nobody may write to again.
    static func write<Element: NumpyElement>(
        _ column: Column<Element>, shape: [Int], to path: String
    ) throws(FileFailure) -> DurableFile.Written {
        try Column(header(of: Element.self, shape: shape)).withPiece { head throws(FileFailure) in
            try column.withPiece { body throws(FileFailure) in try DurableFile.write([head, body], to: path) }
        }
    }

    /// The elements of a mapped file that must be exactly an array of this type and shape, and nothing more.
    /// - Returns: `nil` when a byte of the header or the size differs from what ``header(of:shape:)`` writes.
    static func elements<Element: NumpyElement>(
        of type: Element.Type, shape: [Int], in file: MappedFile
    ) -> Column<Element>? {
        var count = 1
        for dimension in shape {
            let (product, overflow) = count.multipliedReportingOverflow(by: dimension)
            guard dimension >= 0, !overflow else { return nil }
            count = product
        }
        let expected = header(of: type, shape: shape)
        let (size, overflow) = count.multipliedReportingOverflow(by: MemoryLayout<Element>.stride)
        guard !overflow, file.count - expected.count == size,
            file.withBytes({ $0.prefix(expected.count).elementsEqual(expected) })
        else { return nil }
        return file.column(of: type, offset: expected.count, count: count)
    }
}
