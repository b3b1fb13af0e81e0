// The elementary functions of the C library, under names that do not need the library's import elsewhere.
#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

func exp2Of(_ x: Double) -> Double { exp2(x) }
func expOf(_ x: Double) -> Double { exp(x) }
func logOf(_ x: Double) -> Double { log(x) }
func log2Of(_ x: Double) -> Double { log2(x) }
func powOf(_ x: Double, _ y: Double) -> Double { pow(x, y) }
func cosOf(_ x: Double) -> Double { cos(x) }
