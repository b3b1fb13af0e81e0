// The CSV reader against its twin, at every block size, and on the corpus of bad files.
import Foundation
import RecCore
import Testing

@testable import RecFiles

@Suite struct CSVReaderTests {
    /// A file of fragments that matter to the reader.
    private func randomText(_ generator: inout ShopGenerator) -> [UInt8] {
        let fragments: [[UInt8]] =
            [
                "a", "bc", ",", ",", ",", "\"", "\"", "\"\"", "\n", "\n", "\r\n", "\r", " ", "é", "long-text",
                "\"x,y\"", "\"p\nq\"", ";",
            ]
            .map { Array($0.utf8) } + [[0], [0xff]]
        var bytes: [UInt8] = generator.unit() < 0.1 ? [0xef, 0xbb, 0xbf] : []
        for _ in 0..<generator.index(40) { bytes += fragments[generator.index(fragments.count)] }
        return bytes
    }

    @Test func randomFilesReadAsTheSlowTwinReadsThem() throws {
        let scratch = try Scratch()
        var generator = ShopGenerator(seed: 7, purpose: .day)
        let limits = CSVLimits(field: 12, record: 30, columns: 6)
        for round in 0..<1500 {
            let bytes = randomText(&generator)
            let path = try scratch.file("random.csv", bytes)
            let expected = referenceRows(bytes, limits: limits)
            let hasHeader = if case .fields = expected.first { true } else { false }
            guard hasHeader else { continue }
            let found = try rows(path, limits: limits, blockSize: 1 + round % 17)
            #expect(
                found == Array(expected.dropFirst()),
                "round \(round): \(String(decoding: bytes, as: UTF8.self).debugDescription)")
        }
    }

    @Test func blockSizeMakesNoDifference() throws {
        let scratch = try Scratch()
        let text = "\u{feff}a,b\r\n1,\"x\"\"y\"\r\n\"two\nlines\",é\r\n\n3,\"open\n4,\"bad\"text\n5\n6,7"
        let expected: [Row] = [
            .fields(line: 2, ["1", "x\"y"]), .fields(line: 3, ["two\nlines", "é"]),
            .problem(line: 6, "has text behind a closing quote"), .problem(line: 7, "has text behind a closing quote"),
            .problem(line: 8, "has 1 columns, the header has 2"), .fields(line: 9, ["6", "7"]),
        ]
        let plain = try scratch.file("blocks.csv", text)
        let packed = try scratch.file("blocks.csv.gz", gzip(Array(text.utf8)))
        for size in 1...64 {
            #expect(try rows(plain, blockSize: size) == expected, "plain, \(size) bytes")
            #expect(try rows(packed, blockSize: size) == expected, "gzip, \(size) bytes")
        }
    }

    @Test func strayQuoteCostsOneLine() throws {
        let scratch = try Scratch()
        let lines = (0..<20_000).map { "user\($0),item" }
        var text = lines
        text[3] = "user3,\"item"
        let path = try scratch.file("stray.csv", "u,i\n" + text.joined(separator: "\n") + "\n")

        let found = try rows(path)

        #expect(found.count == lines.count)
        let bad = found.filter { if case .problem = $0 { true } else { false } }
        #expect(bad == [.problem(line: 5, "holds a field longer than 65536 bytes, or a quote that is not closed")])
    }

    @Test func quoteOpenAtTheEndOfTheFileIsAProblem() throws {
        let scratch = try Scratch()
        let path = try scratch.file("end.csv", "u,i\n1,\"2\n3,4")
        #expect(
            try rows(path) == [.problem(line: 2, "holds a quote that is not closed"), .fields(line: 3, ["3", "4"])])
        let closing = try scratch.file("closing.csv", "u,i\n1,\"2\"")
        #expect(try rows(closing) == [.fields(line: 2, ["1", "2"])])
    }

    @Test func longFieldIsOneProblemAndTheLimitItselfIsNone() throws {
        let scratch = try Scratch()
        let limit = String(repeating: "x", count: 65_536)
        let path = try scratch.file(
            "long.csv", "u,i\r\n1,\(limit)\r\n2,\(limit)x\r\n3,\"\(limit)\"\r\n4,\"\(limit)x\"\r\n5,6\r\n")
        let found = try rows(path, blockSize: 4096)
        let long = "holds a field longer than 65536 bytes"
        #expect(
            found == [
                .fields(line: 2, ["1", limit]), .problem(line: 3, long), .fields(line: 4, ["3", limit]),
                .problem(line: 5, "\(long), or a quote that is not closed"), .fields(line: 6, ["5", "6"]),
            ])
    }

    @Test func recordLimitEndsALineOfManyFields() throws {
        let scratch = try Scratch()
        let wide = Array(repeating: String(repeating: "y", count: 60_000), count: 20).joined(separator: ",")
        let path = try scratch.file("wide.csv", "u,i\n\(wide)\n1,2\n")
        #expect(try rows(path) == [.problem(line: 2, "is longer than 1048576 bytes"), .fields(line: 3, ["1", "2"])])
    }

    @Test(arguments: [(CSVSeparator.tab, "\t"), (.semicolon, ";"), (.comma, ",")])
    func everySeparatorSplits(separator: CSVSeparator, text: String) throws {
        let scratch = try Scratch()
        let path = try scratch.file("s.csv", "a\(text)b\n1\(text)\"x\(text)y\"\n")
        #expect(try rows(path, separator: separator) == [.fields(line: 2, ["1", "x\(text)y"])])
    }

    @Test func severalGzipMembersAndPaddingReadAsOneFile() throws {
        let scratch = try Scratch()
        let bytes = gzip(Array("a,b\n1,".utf8)) + gzip([]) + gzip(Array("2\n3,4\n".utf8)) + [0, 0, 0]
        let path = try scratch.file("members.csv.gz", bytes)
        for size in [1, 7, 100_000] {
            #expect(try rows(path, blockSize: size) == [.fields(line: 2, ["1", "2"]), .fields(line: 3, ["3", "4"])])
        }
    }

    @Test func cutOffGzipNamesTheFileAndTheLineReached() throws {
        let scratch = try Scratch()
        let whole = gzip(Array(("a,b\n" + String(repeating: "1,2\n", count: 100)).utf8))
        let path = try scratch.file("cut.csv.gz", whole.dropLast(20))
        let error = #expect(throws: FileError.self) { try rows(path) }
        #expect(error?.code == .corrupt)
        #expect(error?.file == path)
        #expect((error?.line ?? 0) >= 90)
    }

    @Test func anyFlippedOrMissingByteOfGzipIsAnErrorOrReadsOn() throws {
        let scratch = try Scratch()
        let whole = gzip(Array("a,b\n1,2\n3,4\n".utf8))
        for index in whole.indices {
            var bytes = whole
            bytes[index] ^= 0x55
            // Nothing traps; the checksum finds what the structure does not.
            _ = try? rows(try scratch.file("flip.gz", bytes))
            if index > 1 {
                let cut = try scratch.file("cut.gz", whole.prefix(index))
                #expect(throws: FileError.self, "cut to \(index) bytes") { try rows(cut) }
            }
        }
    }

    @Test func fileWithoutAHeaderIsAClearError() throws {
        let scratch = try Scratch()
        for text in ["", "\n\n", "\u{feff}"] {
            let path = try scratch.file("empty.csv", text)
            #expect(throws: FileError(.empty, file: path, reason: "is empty: not even a header line")) {
                try rows(path)
            }
        }
        let binary = try scratch.file("utf16.csv", [0xff, 0xfe, 0x61, 0, 0x2c, 0, 0x0a, 0])
        #expect(throws: FileError.self) { try rows(binary) }
        #expect(throws: FileError.self) { try rows(scratch.path) }
        #expect(throws: FileError.self) { try rows(scratch.path + "/none.csv") }
    }
}
