// The calls into BLAS, with shapes checked and one thread a call: OpenBLAS, or Accelerate where the system brings it.
#if canImport(Accelerate)
    import Accelerate
#else
    import CBLAS
#endif

enum BLAS {
    /// BLAS itself never starts threads: parallelism is ours. Set from code, before every call.
    #if canImport(Accelerate)
        // Accelerate keeps it for each thread.
        private static var ready: Void { _ = BLASSetThreading(BLAS_THREADING_SINGLE_THREADED) }
    #else
        private static let ready: Void = openblas_set_num_threads(1)
    #endif

    /// C = alpha A B' + beta C; A: m x k, B: n x k, C: m x n, row-major.
    static func multiplyTransposed(
        _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, into c: UnsafeMutablePointer<Float>, m: Int, n: Int,
        k: Int,
        alpha: Float = 1, beta: Float = 0
    ) {
        _ = ready
        guard m > 0, n > 0 else { return }
        cblas_sgemm(
            CblasRowMajor, CblasNoTrans, CblasTrans, Int32(m), Int32(n), Int32(k), alpha, a, Int32(k), b, Int32(k),
            beta, c,
            Int32(n))
    }

    /// C = A B; A: m x k, B: k x n, C: m x n, row-major.
    static func multiply(
        _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, into c: UnsafeMutablePointer<Float>, m: Int, n: Int,
        k: Int
    ) {
        _ = ready
        guard m > 0, n > 0 else { return }
        cblas_sgemm(
            CblasRowMajor, CblasNoTrans, CblasNoTrans, Int32(m), Int32(n), Int32(k), 1, a, Int32(k), b, Int32(n), 0, c,
            Int32(n))
    }

    /// y = A x; A: m x n.
    static func multiply(
        _ a: UnsafePointer<Float>, vector x: UnsafePointer<Float>, into y: UnsafeMutablePointer<Float>, m: Int, n: Int
    ) {
        _ = ready
        guard m > 0 else { return }
        cblas_sgemv(CblasRowMajor, CblasNoTrans, Int32(m), Int32(n), 1, a, Int32(n), x, 1, 0, y, 1)
    }

    /// y = A' x; A: m x n.
    static func multiplyTransposed(
        _ a: UnsafePointer<Float>, vector x: UnsafePointer<Float>, into y: UnsafeMutablePointer<Float>, m: Int, n: Int,
        beta: Float = 0
    ) {
        _ = ready
        guard n > 0 else { return }
        cblas_sgemv(CblasRowMajor, CblasTrans, Int32(m), Int32(n), 1, a, Int32(n), x, 1, beta, y, 1)
    }

    /// x . y
    @inline(__always)
    static func dot(_ x: UnsafePointer<Float>, _ y: UnsafePointer<Float>, n: Int) -> Float {
        _ = ready
        return cblas_sdot(Int32(n), x, 1, y, 1)
    }

    /// Upper triangle of C = A' A + beta C (A: k x n, C: n x n) or of A A' (A: n x k) when `rows` is true.
    static func gram(
        _ a: UnsafePointer<Float>, into c: UnsafeMutablePointer<Float>, n: Int, k: Int, rows: Bool, beta: Float = 0
    ) {
        _ = ready
        guard n > 0 else { return }
        cblas_ssyrk(
            CblasRowMajor, CblasUpper, rows ? CblasNoTrans : CblasTrans, Int32(n), Int32(k), 1, a, Int32(rows ? k : n),
            beta, c,
            Int32(n))
    }

    /// Solves A x = b in place for symmetric positive definite A given by its upper triangle (row-major), and `count` right
    /// sides, one behind the other.
    /// - Returns: false when A is not positive definite; `b` is then undefined.
    static func solve(_ a: UnsafeMutablePointer<Float>, _ b: UnsafeMutablePointer<Float>, n: Int, count: Int = 1)
        -> Bool
    {
        _ = ready
        return LAPACK.factorize(a, order: Int32(n)) && LAPACK.solve(a, b, order: Int32(n), sides: Int32(count))
    }

    /// Inverts a symmetric positive definite matrix in place; both triangles are written.
    /// - Returns: false when it is not positive definite; `a` is then undefined.
    static func invert(_ a: inout [Float], n: Int) -> Bool {
        _ = ready
        guard n > 0 else { return true }
        guard LAPACK.factorize(&a, order: Int32(n)), LAPACK.invert(&a, order: Int32(n)) else { return false }
        for row in 0..<n {
            for column in (row + 1)..<max(n, row + 1) { a[column * n + row] = a[row * n + column] }
        }
        return true
    }

    /// Eigenvalues (ascending) and eigenvectors of a symmetric matrix given by its upper triangle (row-major).
    /// - Returns: eigenvector j in row j of `a`; `nil` when the iteration does not converge.
    static func eigen(_ a: inout [Float], n: Int) -> [Float]? {
        _ = ready
        var values = [Float](repeating: 0, count: n)
        var work: [Float] = [0]
        var integers: [Int32] = [0]
        // The first call tells how much working memory the second one needs.
        guard LAPACK.eigen(&a, &values, order: Int32(n), &work, -1, &integers, -1) else { return nil }
        let (workSize, integerSize) = (Int32(work[0]), integers[0])
        work = [Float](repeating: 0, count: Int(workSize))
        integers = [Int32](repeating: 0, count: Int(integerSize))
        let isFound = LAPACK.eigen(&a, &values, order: Int32(n), &work, workSize, &integers, integerSize)
        return isFound ? values : nil
    }
}
