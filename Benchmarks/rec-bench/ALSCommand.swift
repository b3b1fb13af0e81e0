// Sweeps of alternating least squares next to implicit's.
import ArgumentParser
import Foundation
import RecCore

struct ALSCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "als", abstract: "Processor seconds of one sweep (both sides), and the loss it reaches.",
        discussion: """
            The same matrix, the same objective up to the target of observed pairs (ours 1, implicit's c / (c - 1); alpha 39, \
            regularization 0.5 x 39), conjugate gradients (by default three steps of ours, three of implicit's). Losses are told as the excess over the same \
            program's exact solver after as many sweeps from the same start.
            """)
    @OptionGroup var common: CommonOptions
    @Option(help: "Factors.") var dimension = 64
    @Option(help: "Users at 100 percent.") var users = 200_000
    @Option(help: "Items at 100 percent.") var items = 50_000
    @Option(help: "Pairs at 100 percent.") var pairs = 6_400_000
    @Flag(inversion: .prefixedNo, help: "Whether the exact solvers are measured too.") var exact = true
    @Flag(name: .customLong("cmfrec"), inversion: .prefixedNo, help: "Whether cmfrec is measured too.")
    var isSecondPeerAsked = true
    @Option(help: "Steps of our conjugate gradients; implicit's are three.") var steps = 3
    @Option(help: "Sweeps after which losses are compared.") var lossSweeps = 6

    func run() throws {
        let matrix = MadeUpMatrix.make(
            users: common.scaled(users), items: common.scaled(items, least: 100), pairs: common.scaled(pairs))
        say("\(matrix.rows) users x \(matrix.columns) items, \(matrix.entryCount) pairs, d = \(dimension)")
        let folder = try WorkFolder()
        try MadeUpMatrix.write(matrix, to: folder.path)
        let threads = ProcessInfo.processInfo.activeProcessorCount
        let peer = Peer("implicit_als", common, threads: threads)
        let second = isSecondPeerAsked ? Peer("cmfrec_als", common, threads: threads) : nil
        for peer in [peer, second] { _ = peer?.ask("load \(folder.path) \(matrix.rows) \(matrix.columns)") }
        let size = common.percent == 100 ? "" : "@\(common.percent)%"
        for isExact in exact ? [false, true] : [false] {
            var cpu = Figure(
                name: "als.\(isExact ? "exact" : "sweep").d\(dimension)\(size)", unit: "CPU seconds",
                peerName: "implicit", note: "\(matrix.entryCount) pairs, \(threads) threads")
            var wall = Figure(
                name: "als.\(isExact ? "exact" : "sweep").d\(dimension).wall\(size)", unit: "seconds",
                peerName: "implicit")
            var other = Figure(
                name: "als.\(isExact ? "exact" : "sweep").d\(dimension).vs-cmfrec\(size)", unit: "CPU seconds",
                peerName: "cmfrec", note: "\(threads) threads; cmfrec's loss is not compared")
            for _ in 0..<common.rounds {
                let (own, clock) = try sweeps(matrix, isExact ? .exact : .conjugateGradient(steps: steps))
                cpu.ours += own
                wall.ours += clock
                let answer = peer?.ask("sweeps \(dimension) \(isExact ? 0 : 1) \(isExact ? 1 : 3)")
                cpu.peer += answer?["cpu"] as? [Double] ?? []
                wall.peer += answer?["wall"] as? [Double] ?? []
                other.ours += own
                other.peer += second?.numbers("sweeps \(dimension) \(isExact ? "0 1" : "1 3")", "cpu") ?? []
            }
            cpu.print()
            wall.print()
            if second != nil { other.print() }
        }
        guard exact else { return }
        var loss = Figure(
            name: "als.excess-loss.d\(dimension)\(size)", unit: "% above the exact solver after \(lossSweeps) sweeps",
            peerName: "implicit")
        loss.ours = [try excess(matrix)]
        loss.peer = peer?.numbers("excess \(dimension) \(lossSweeps)", "percent") ?? []
        loss.print()
        let memory = Figure(
            name: "als.memory.d\(dimension)\(size)", unit: "MiB at most, inputs and test data included",
            ours: [peakMemory()], peer: peer?.numbers("memory", "mib") ?? [], peerName: "implicit")
        memory.print()
    }

    private func configuration(_ solver: RowSolver, sweeps: Int) throws -> ALSConfiguration {
        var configuration = try ALSConfiguration(
            dimension: dimension, unobservedWeight: 1 / 39, regularization: 0.5, sweeps: sweeps)
        configuration.solver = solver
        return configuration
    }

    /// Times of the sweeps between the first, which starts from noise, and the last, which always ends exactly.
    private func sweeps(_ matrix: InteractionMatrix, _ solver: RowSolver) throws -> (cpu: [Double], wall: [Double]) {
        let count = solver == .exact ? 3 : 5
        var (cpu, wall): ([Double], [Double]) = ([], [])
        var before = (processorSeconds(), ContinuousClock.now)
        _ = try ALSTrainer(configuration(solver, sweeps: count)).fit(matrix) { sweep, _, _ in
            let now = (processorSeconds(), ContinuousClock.now)
            if sweep > 1, sweep < count {
                cpu.append(now.0 - before.0)
                wall.append((now.1 - before.1) / .seconds(1))
            }
            before = now
            return true
        }
        return (cpu, wall)
    }

    private func excess(_ matrix: InteractionMatrix) throws -> Double {
        func loss(_ solver: RowSolver) throws -> Double {
            var last = 0.0
            // One sweep more than is asked for: the last one is exact for users.
            _ = try ALSTrainer(configuration(solver, sweeps: lossSweeps + 1)).fit(matrix) { sweep, _, loss in
                if sweep == lossSweeps { last = loss().total }
                return sweep < lossSweeps
            }
            return last
        }
        let exact = try loss(.exact)
        return (try loss(.conjugateGradient(steps: steps)) / exact - 1) * 100
    }
}
