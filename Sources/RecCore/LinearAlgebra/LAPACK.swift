// The Fortran routines of LAPACK that the engine uses: in OpenBLAS they take the lengths of their character arguments too.
#if canImport(Accelerate)
    import Accelerate
#else
    import CBLAS
#endif

/// Symmetric matrices, column-major, of which the lower triangle is read and written: the upper one of a row-major matrix.
enum LAPACK {
    /// Replaces a positive definite A by its Cholesky factor.
    /// - Returns: false when A is not positive definite.
    static func factorize(_ a: UnsafeMutablePointer<Float>, order: Int32) -> Bool {
        var (order, info): (Int32, Int32) = (order, 0)
        #if canImport(Accelerate)
            spotrf_("L", &order, a, &order, &info)
        #else
            spotrf_("L", &order, a, &order, &info, 1)
        #endif
        return info == 0
    }

    /// Solves A x = b for `sides` right sides in place, given the Cholesky factor of A.
    static func solve(
        _ factor: UnsafePointer<Float>, _ b: UnsafeMutablePointer<Float>, order: Int32, sides: Int32
    ) -> Bool {
        var (order, sides, info): (Int32, Int32, Int32) = (order, sides, 0)
        #if canImport(Accelerate)
            spotrs_("L", &order, &sides, factor, &order, b, &order, &info)
        #else
            spotrs_("L", &order, &sides, factor, &order, b, &order, &info, 1)
        #endif
        return info == 0
    }

    /// Replaces the Cholesky factor of A by the inverse of A.
    static func invert(_ factor: UnsafeMutablePointer<Float>, order: Int32) -> Bool {
        var (order, info): (Int32, Int32) = (order, 0)
        #if canImport(Accelerate)
            spotri_("L", &order, factor, &order, &info)
        #else
            spotri_("L", &order, factor, &order, &info, 1)
        #endif
        return info == 0
    }

    /// Eigenvalues, ascending, into `values`; eigenvectors in place of A.
    /// - Parameters: sizes of -1 ask for the sizes that are needed, which are then the first numbers of `work` and `integers`.
    /// - Returns: false when the iteration does not converge.
    static func eigen(
        _ a: UnsafeMutablePointer<Float>, _ values: UnsafeMutablePointer<Float>, order: Int32,
        _ work: UnsafeMutablePointer<Float>, _ workSize: Int32, _ integers: UnsafeMutablePointer<Int32>,
        _ integerSize: Int32
    ) -> Bool {
        var (order, workSize, integerSize, info): (Int32, Int32, Int32, Int32) = (order, workSize, integerSize, 0)
        #if canImport(Accelerate)
            ssyevd_("V", "L", &order, a, &order, values, work, &workSize, integers, &integerSize, &info)
        #else
            ssyevd_("V", "L", &order, a, &order, values, work, &workSize, integers, &integerSize, &info, 1, 1)
        #endif
        return info == 0
    }
}
