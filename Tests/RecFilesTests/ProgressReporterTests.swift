// Progress on a terminal and elsewhere, with a clock of our own.
import Foundation
import Synchronization
import Testing

@testable import RecFiles

@Suite struct ProgressReporterTests {
    private final class Bench: Sendable {
        let text = Mutex("")
        let clock = Mutex(ContinuousClock.now)
        func reporter(isTerminal: Bool) -> ProgressReporter {
            ProgressReporter(
                label: "ingest", unit: "rows", isTerminal: isTerminal,
                write: { text in self.text.withLock { $0 += text } }, now: { self.clock.withLock { $0 } })
        }
        func pass(_ duration: Duration) { clock.withLock { $0 = $0.advanced(by: duration) } }
    }

    @Test func plainLinesComeEveryFewSecondsWithRateAndTimeLeft() {
        let bench = Bench()
        let reporter = bench.reporter(isTerminal: false)
        bench.pass(.seconds(1))
        reporter.update(100, fraction: 0.05)
        bench.pass(.seconds(9))
        reporter.update(20_000, fraction: 0.1)
        bench.pass(.seconds(90))
        reporter.finish(200_000)
        #expect(
            bench.text.withLock { $0 }
                == "ingest: 20,000 rows, 2,000 rows/s, 10 %, 1 min 30 s left\ningest: 200,000 rows, 2,000 rows/s, took 1 min 40 s\n"
        )
    }

    @Test func terminalLineIsWrittenOver() {
        let bench = Bench()
        let reporter = bench.reporter(isTerminal: true)
        bench.pass(.seconds(1))
        reporter.update(1_000, fraction: 0.5)
        bench.pass(.milliseconds(300))
        reporter.update(10, fraction: nil)
        let text = bench.text.withLock { $0 }
        #expect(text.hasPrefix("\ringest: 1,000 rows, 1,000 rows/s, 50 %, 1 s left\ringest: 10 rows, 7 rows/s   "))
        #expect(!text.contains("\n"))
    }

    @Test func rateLeavesOutWhatEarlierRunsDid() {
        let bench = Bench()
        let reporter = bench.reporter(isTerminal: false)
        reporter.resume(at: 1_000_000)
        bench.pass(.seconds(10))
        reporter.update(1_000_050, fraction: nil)
        #expect(bench.text.withLock { $0 } == "ingest: 1,000,050 rows, 5 rows/s\n")
    }

    @Test func aReaderThatWentAwayEndsNothing() async {
        await #expect(processExitsWith: .success) {
            signal(SIGPIPE, SIG_IGN)
            let pipe = Pipe()
            dup2(pipe.fileHandleForWriting.fileDescriptor, STDERR_FILENO)
            try pipe.fileHandleForReading.close()

            ProgressReporter(label: "load", unit: "rows").finish(3)
        }
    }
}
