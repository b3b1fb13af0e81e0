// Reads the file of keys again and again while the server runs.
import Logging
import ServiceLifecycle

/// A service that reads the keys again every few seconds.
struct KeyReloader: Service {
    let ring: KeyRing
    let period: Duration
    let metrics: ServerMetrics
    let clock: any Clock<Duration>
    let logger: Logger

    func run() async throws {
        await cancelWhenGracefulShutdown {
            var look = KeyLook(ring: ring, metrics: metrics)
            while !Task.isCancelled {
                do { try await clock.sleep(for: period) } catch { break }
                look.reload(logger)
            }
        }
    }
}

/// One look at the file after the other: what was wrong with it last.
///
/// A file that cannot be read leaves the keys as they are: a slip while it is written shuts nobody out. One that holds no key, or is not
/// there, revokes them all at the second look in a row: that is what its owner wants, or does not want to find out later. Not at
/// the first, as a file that is written in place is empty for a moment.
struct KeyLook {
    private let ring: KeyRing
    private let metrics: ServerMetrics
    private var failure: InvalidKeys?
    /// Looks in a row at which no key was there.
    private var bare = 0
    static let looksToRevoke = 2

    init(ring: KeyRing, metrics: ServerMetrics) {
        (self.ring, self.metrics) = (ring, metrics)
        metrics.gauge("reco_keys", [], Double(ring.count))
    }

    /// Reads once; writes a line when the file cannot be read, when the keys are revoked, and when they are good again, each once.
    mutating func reload(_ logger: Logger) {
        defer { metrics.gauge("reco_keys", [], Double(ring.count)) }
        do throws(InvalidKeys) {
            try ring.reload()
            if failure != nil { logger.notice("Keys read again", metadata: [LogKey.count: "\(ring.count)"]) }
            (failure, bare) = (nil, 0)
        } catch {
            metrics.count("reco_key_file_failures", [("reason", error.fault.rawValue)])
            let isNew = failure != error
            failure = error
            guard error.fault != .unreadable else {
                bare = 0
                if isNew {
                    let what =
                        ring.count == 0 ? "Keys not read, and none is good" : "Keys not read, those of before stay"
                    logger.error("\(what)", metadata: [LogKey.reason: "\(error)"])
                }
                return
            }
            bare += 1
            guard bare == Self.looksToRevoke else { return }
            ring.revokeAll()
            logger.error("No key is good any more", metadata: [LogKey.reason: "\(error)"])
        }
    }
}
