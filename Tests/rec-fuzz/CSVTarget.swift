// CSV: the first byte chooses separator and size of the blocks; what is read may not depend on where a block ends.
import Foundation

@testable import RecFiles

struct CSVTarget: FuzzTarget {
    private let scratch = ScratchFile()
    init() throws {}

    func run(_ bytes: [UInt8]) throws {
        // Blocks of a byte are read in time square to the length of a record.
        guard let first = bytes.first, bytes.count <= 1024 else { return }
        scratch.write(bytes.dropFirst())
        let separator = [CSVSeparator.comma, .semicolon, .tab][Int(first) % 3]
        // One block holds it all.
        let whole = Self.steps(scratch.path, separator, blockSize: 2048)
        let pieces = Self.steps(scratch.path, separator, blockSize: 1 + Int(first) / 3)
        // Damage behind them may be found before records are given out or after, by the size of the blocks.
        let common = min(whole.told.count, pieces.told.count)
        let isSame =
            whole.isDamaged || pieces.isDamaged
            ? whole.isDamaged == pieces.isDamaged && whole.told.prefix(common) == pieces.told.prefix(common)
            : whole.told == pieces.told
        require(isSame, "blocks of \(1 + Int(first) / 3) bytes are read as \(pieces), not as \(whole)")
    }

    /// Everything that a reader tells of a file, as text, and whether the file itself was refused.
    private static func steps(
        _ path: String, _ separator: CSVSeparator, blockSize: Int
    ) -> (told: [String], isDamaged: Bool) {
        var told: [String] = []
        do {
            let reader = try CSVReader(
                path: path, separator: separator, limits: CSVLimits(), blockSize: blockSize)
            told.append(try reader.readHeader().joined(separator: "|"))
            while let step = try reader.next() {
                switch step {
                case .record:
                    told.append("\(reader.line) " + (0..<reader.header.count).map(reader.text).joined(separator: "|"))
                case .problem(let problem): told.append("\(problem)")
                }
            }
        } catch { return (told, true) }
        return (told, false)
    }
}

/// A file that is written again and again.
struct ScratchFile {
    let path = scratchFolder + "/input"

    func write(_ bytes: some Collection<UInt8>) {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        defer { close(descriptor) }
        let written = Array(bytes).withUnsafeBytes { Foundation.write(descriptor, $0.baseAddress, $0.count) }
        require(
            descriptor >= 0 && written == bytes.count, "\(path) cannot be written: \(String(cString: strerror(errno)))")
    }
}
