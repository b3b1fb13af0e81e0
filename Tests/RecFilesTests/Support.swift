// What the tests of this module share: scratch folders, packed files, reading everything, a store in memory.
import Foundation
import RecCore
import RecTesting
import Synchronization
import Testing

@testable import RecFiles

/// A folder that goes away with the object.
final class Scratch {
    let path: String
    init() throws {
        path = NSTemporaryDirectory() + "rec-files-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }
    deinit { try? FileManager.default.removeItem(atPath: path) }

    func file(_ name: String, _ bytes: some Sequence<UInt8>) throws -> String {
        let target = path + "/" + name
        try Data(bytes).write(to: URL(fileURLWithPath: target))
        return target
    }
    func file(_ name: String, _ text: String) throws -> String { try file(name, text.utf8) }
    func text(_ name: String) throws -> String {
        String(decoding: try Data(contentsOf: URL(fileURLWithPath: path + "/" + name)), as: UTF8.self)
    }
}

/// A gzip member whose deflate blocks are stored, not compressed: enough to test the reader with.
func gzip(_ bytes: [UInt8]) -> [UInt8] {
    var out: [UInt8] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255]
    var start = 0
    repeat {
        let count = min(65_535, bytes.count - start)
        let isLast: UInt8 = start + count == bytes.count ? 1 : 0
        let (low, high) = (UInt8(count & 255), UInt8(count >> 8))
        out += [isLast, low, high, ~low, ~high] + bytes[start..<(start + count)]
        start += count
    } while start < bytes.count
    var crc: UInt32 = 0xffff_ffff
    for byte in bytes {
        crc ^= UInt32(byte)
        for _ in 0..<8 { crc = (crc >> 1) ^ (crc & 1 == 1 ? 0xedb8_8320 : 0) }
    }
    for value in [~crc, UInt32(truncatingIfNeeded: bytes.count)] {
        out += (0..<4).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
    }
    return out
}

/// A record or a problem, as plain values.
enum Row: Hashable {
    case fields(line: Int64, [String])
    case problem(line: Int64, String)
}

/// Everything that the reader finds behind the header (or from the start, without one).
func rows(
    _ path: String, header: Bool = true, separator: CSVSeparator = .comma, limits: CSVLimits = CSVLimits(),
    blockSize: Int = 262_144
) throws -> [Row] {
    let reader = try CSVReader(path: path, separator: separator, limits: limits, blockSize: blockSize)
    if header { _ = try reader.readHeader() }
    var rows: [Row] = []
    while let step = try reader.next() {
        switch step {
        case .problem(let problem): rows.append(.problem(line: problem.line, problem.reason))
        case .record: rows.append(.fields(line: reader.line, (0..<reader.fieldCount).map { reader.text($0) }))
        }
    }
    return rows
}

/// The real data sets beside the package, where they are.
enum RealData {
    static let folder: String? = {
        var place = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        while place.path != "/" {
            if FileManager.default.fileExists(atPath: place.appendingPathComponent("Package.swift").path) {
                let data = place.appendingPathComponent("../shared/data").standardized.path
                return FileManager.default.fileExists(atPath: data) ? data : nil
            }
            place.deleteLastPathComponent()
        }
        return nil
    }()
}
