// A matrix that another program wrote as a NumPy array.

extension DenseMatrix {
    /// The matrix in a `.npy` file: `<f4`, C order, of exactly this shape. The file's pages are read when they are touched, so it
    /// must not be changed in place; its name may be removed.
    /// - Throws: ``TrainingError`` `.factorizer` that names the file when it cannot be read or holds something else.
    /// - Complexity: O(1).
    public init(numpyFile path: String, rows: Int, columns: Int) throws(TrainingError) {
        let file: MappedFile
        do { file = try MappedFile(path: path) } catch { throw .factorizer("\(error)") }
        guard rows >= 0, columns >= 0,
            let elements = NumpyFile.elements(of: Float.self, shape: [rows, columns], in: file)
        else { throw .factorizer("\(path) is no array of \(rows) x \(columns) numbers <f4 in C order (.npy 1.0)") }
        self.init(rows: rows, columns: columns, elements: elements)
    }
}
