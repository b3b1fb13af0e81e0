// The calls into OpenBLAS, with shapes checked and one thread a call.
import CBLAS

enum BLAS {
    /// BLAS itself never starts threads: parallelism is ours. Set from code, once, before the first call.
    private static let ready: Void = openblas_set_num_threads(1)

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
        var order = Int32(n)
        var sides = Int32(count)
        var info: Int32 = 0
        // Row-major upper is column-major lower.
        spotrf_("L", &order, a, &order, &info, 1)
        guard info == 0 else { return false }
        spotrs_("L", &order, &sides, a, &order, b, &order, &info, 1)
        return info == 0
    }

    /// Inverts a symmetric positive definite matrix in place; both triangles are written.
    /// - Returns: false when it is not positive definite; `a` is then undefined.
    static func invert(_ a: inout [Float], n: Int) -> Bool {
        _ = ready
        guard n > 0 else { return true }
        var order = Int32(n)
        var info: Int32 = 0
        // Row-major upper is column-major lower.
        spotrf_("L", &order, &a, &order, &info, 1)
        guard info == 0 else { return false }
        spotri_("L", &order, &a, &order, &info, 1)
        guard info == 0 else { return false }
        for row in 0..<n {
            for column in (row + 1)..<max(n, row + 1) { a[column * n + row] = a[row * n + column] }
        }
        return true
    }

    /// Eigenvalues (ascending) and eigenvectors of a symmetric matrix given by its upper triangle (row-major).
    /// - Returns: eigenvector j in row j of `a`; `nil` when the iteration does not converge.
    static func eigen(_ a: inout [Float], n: Int) -> [Float]? {
        _ = ready
        var order = Int32(n)
        var info: Int32 = 0
        var values = [Float](repeating: 0, count: n)
        var workSize: Int32 = -1
        var integerSize: Int32 = -1
        var work: [Float] = [0]
        var integers: [Int32] = [0]
        ssyevd_("V", "L", &order, &a, &order, &values, &work, &workSize, &integers, &integerSize, &info, 1, 1)
        guard info == 0 else { return nil }
        workSize = Int32(work[0])
        integerSize = integers[0]
        work = [Float](repeating: 0, count: Int(workSize))
        integers = [Int32](repeating: 0, count: Int(integerSize))
        ssyevd_("V", "L", &order, &a, &order, &values, &work, &workSize, &integers, &integerSize, &info, 1, 1)
        return info == 0 ? values : nil
    }
}
