// What the machine itself can do, to hold the other figures against.
import ArgumentParser

struct HardwareCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "hardware", abstract: "Rate of sgemm and of reading memory, one thread, by numpy.")
    @OptionGroup var common: CommonOptions

    func run() throws {
        let peer = Peer("hardware", common, threads: 1)
        var (gemm, read): ([Double], [Double]) = ([], [])
        for _ in 0..<common.rounds {
            gemm += peer?.numbers("sgemm", "gflops") ?? []
            read += peer?.numbers("read", "gb_per_second") ?? []
        }
        Figure(name: "hardware.sgemm", unit: "GFLOP/s, 1 thread", ours: gemm, isRate: true).print()
        Figure(name: "hardware.read", unit: "GB/s, 1 thread, 512 MB", ours: read, isRate: true).print()
    }
}
