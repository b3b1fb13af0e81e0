// Which offsets a batch stands for.

/// The offsets behind the batches that were given out, by batch number.
///
/// Batches are numbered as they are given out; a number means "everything up to here": the positions of all partitions
/// at that moment. Partitions that are taken away take their offsets with them, so that nobody commits for their next
/// owner.
struct KafkaPositions {
    /// Batches that may wait for their acknowledgement; older ones come again after a restart.
    static let limit = 10_000

    /// Behind the last message that was given out, by partition.
    private var current: [Int32: Int64] = [:]
    private var committed: [Int32: Int64] = [:]
    private var batches: [Int64: [Int32: Int64]] = [:]
    private var lastNumber: Int64 = 0

    /// Whether batches wait for their acknowledgement.
    var isWaiting: Bool { !batches.isEmpty }

    /// Notes a message that was taken.
    mutating func take(partition: Int32, offset: Int64) { current[partition] = offset &+ 1 }

    /// Numbers everything that was taken so far.
    mutating func batch() -> Int64 {
        lastNumber += 1
        batches[lastNumber] = current
        batches[lastNumber - Int64(Self.limit)] = nil
        return lastNumber
    }

    /// What to commit for a batch; empty = nothing that is not committed, or not ours any more.
    func offsets(of batch: Int64) -> [Int32: Int64] { newer(batches[batch] ?? [:]) }

    /// What to commit for everything taken so far.
    var offsetsOfAll: [Int32: Int64] { newer(current) }

    private func newer(_ offsets: [Int32: Int64]) -> [Int32: Int64] {
        offsets.filter { partition, offset in committed[partition].map { $0 < offset } ?? true }
    }

    /// Notes what was committed; a batch and those before it need no acknowledgement any more.
    mutating func commit(_ offsets: [Int32: Int64], through batch: Int64?) {
        committed.merge(offsets) { max($0, $1) }
        if let batch { batches = batches.filter { $0.key > batch } }
    }

    /// Forgets everything but the count of batches: the partitions belong to someone else.
    mutating func revoke() { (current, committed, batches) = ([:], [:], [:]) }
}
