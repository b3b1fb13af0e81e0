// Each check finds what it looks for in a small made-up source, and leaves the innocent neighbour alone.
import Testing

private func file(_ path: String, _ text: String) -> SourceFile { SourceFile(path: path, text: text) }

@Suite struct TokenTests {
    @Test func commentsAndStringsAreNotCode() {
        let text = ##"""
            a // b
            /* c /* d */ e */ f
            let g = "h \"i\" j" + #"k "l" \(m)"# + #/n"o/#
            p
            """##

        let words = swiftTokens(of: text).filter { $0.kind == .word }

        #expect(words.map(\.text) == ["a", "f", "let", "g", "p"])
        #expect(words.last?.line == 4)
    }

    @Test func interpolatedCodeIsCode() {
        let text = ##"""
            "a \(b.map { "c \(d)" }) e" + #"f \#(g(h)) i"#
            """##

        #expect(swiftTokens(of: text).filter { $0.kind == .word }.map(\.text) == ["b", "map", "d", "g", "h"])
    }

    @Test func aMultilineStringHidesItsLinesAndCountsThem() {
        let text = "let a = \"\"\"\n  try! \"b\"\n  \"\"\"\nc"

        let words = swiftTokens(of: text).filter { $0.kind == .word }

        #expect(words.map(\.text) == ["let", "a", "c"])
        #expect(words.last?.line == 4)
    }

    @Test func anUnfinishedStringHidesOneLineOnly() {
        #expect(swiftTokens(of: "let a = \"b\nc").map(\.text) == ["let", "a", "=", "\"\"", "c"])
    }

    @Test func unfinishedTextEndsTheScan() {
        for text in ["/* a", "\"a \\(b", "\"\"\"", "#\"", "#/", "\"\\", "##"] {
            #expect(swiftTokens(of: text).count <= 3)
        }
    }
}

@Suite struct ImportCheckerTests {
    private func lines(_ path: String, _ text: String) -> [Int] { forbiddenImports(in: [file(path, text)]).map(\.line) }

    @Test func anAdapterMayNotImportTheServer() {
        #expect(lines("Sources/RecEmbedded/Store.swift", "// S\nimport RecCore\nimport RecServe") == [3])
    }

    @Test func theFilesAdapterMayNotImportAnotherOne() {
        #expect(
            lines("Sources/RecFiles/Shop.swift", "// S\nimport RecEmbedded\nimport RecServe\nimport RecTesting") == [
                2, 3, 4,
            ])
    }

    @Test func attributesAndAccessLevelsDoNotHideAnImport() {
        let text = "// S\n@preconcurrency import NIOCore\ninternal import struct GRDB.Row\n@testable import RecServe"

        #expect(lines("Sources/RecCore/Ports/A.swift", text) == [2, 3, 4])
    }

    @Test func blasMayBeImportedInLinearAlgebraOnly() {
        #expect(lines("Sources/RecCore/LinearAlgebra/BLAS.swift", "// S\nimport CBLAS\nimport Accelerate").isEmpty)
        #expect(lines("Sources/RecCore/Factorization/Trainer.swift", "// S\nimport CBLAS") == [2])
        #expect(lines("Sources/rec-train/Program.swift", "// S\nimport CBLAS") == [2])
    }

    @Test func foundationInTheModelFloorNeedsAReason() {
        #expect(
            lines("Sources/RecCore/Model/Manifest.swift", "// S\nimport Foundation  // JSON of the manifest").isEmpty)
        #expect(lines("Sources/RecCore/Model/Manifest.swift", "// S\nimport Foundation") == [2])
        #expect(lines("Sources/RecCore/Ranking/Slate.swift", "// S\nimport Foundation  // JSON of the manifest") == [2])
    }

    @Test func anImportInACommentOrAStringIsNone() {
        #expect(lines("Sources/RecTesting/Fake.swift", "// import Testing\nlet text = \"import Testing\"").isEmpty)
    }

    @Test func aTargetWithoutARowIsReported() {
        #expect(lines("Sources/RecMagic/Magic.swift", "// S") == [1])
    }
}

@Suite struct FloorCheckerTests {
    private let higher = file(
        "Sources/RecCore/Ranking/Slate.swift", "// S\npublic struct Slate { struct Place {} }\nprivate enum Hidden {}")

    private func lines(_ path: String, _ text: String) -> [Int] {
        namesOfHigherFloors(in: [higher, file(path, text)]).map(\.line)
    }

    @Test func aLowerFloorMayNotNameAHigherOne() {
        #expect(lines("Sources/RecCore/Retrieval/TopK.swift", "// S\nfunc f() -> Slate? { nil }") == [2])
        #expect(lines("Sources/RecCore/Retrieval/TopK.swift", "// S\nlet text = \"\\(RecCore.Slate.self)\"") == [2])
    }

    @Test func ownAndHigherFloorsMayNameIt() {
        #expect(lines("Sources/RecCore/Ranking/Greedy.swift", "// S\nlet slate: Slate").isEmpty)
        #expect(lines("Sources/RecCore/Engine/Engine.swift", "// S\nlet slate: Slate").isEmpty)
    }

    @Test func floorsOfOneLevelMayNameEachOther() {
        let port = file("Sources/RecCore/Ports/Store.swift", "// S\nprotocol Store {}")
        let metric = file("Sources/RecCore/Evaluation/Split.swift", "// S\nlet store: any Store")

        #expect(namesOfHigherFloors(in: [port, metric]) == [])
    }

    @Test func wordsInCommentsAndStringsAreNotNames() {
        #expect(lines("Sources/RecCore/Retrieval/TopK.swift", "// see Slate\nlet text = \"Slate\"").isEmpty)
    }

    @Test func membersLocalTypesAndPrivateTypesAreNotNamesOfAHigherFloor() {
        #expect(lines("Sources/RecCore/Memory/A.swift", "// S\nlet a = Wood.Slate()").isEmpty)
        #expect(
            lines("Sources/RecCore/Memory/A.swift", "// S\nstruct Roof { enum Slate {} }\nlet a: Roof.Slate").isEmpty)
        #expect(lines("Sources/RecCore/Memory/A.swift", "// S\nlet a = Hidden(), b: Place").isEmpty)
    }

    @Test func aTypeDeclaredLowerTooMeansTheLowerOne() {
        let lower = file("Sources/RecCore/Memory/Slate.swift", "// S\nstruct Slate {}")
        let user = file("Sources/RecCore/Content/A.swift", "// S\nlet slate: Slate")

        #expect(namesOfHigherFloors(in: [higher, lower, user]) == [])
    }

    @Test func aFileOnNoFloorIsReported() {
        #expect(lines("Sources/RecCore/Things/A.swift", "// S") == [1])
        #expect(lines("Sources/RecCore/A.swift", "// S") == [1])
    }
}

@Suite struct HouseRuleTests {
    @Test func aPointerOutsideItsFilesIsFound() {
        let text = "// S\nprivate var handle: OpaquePointer?\nlet bytes: UnsafeRawBufferPointer"

        #expect(strayPointers(in: [file("Sources/RecServe/A.swift", text)]).map(\.line) == [2, 3])
        #expect(strayPointers(in: [file("Sources/RecCore/Model/A.swift", text)]).map(\.line) == [2, 3])
        #expect(strayPointers(in: [file("Sources/RecFiles/Shop.swift", text)]).map(\.line) == [2, 3])
        #expect(strayPointers(in: [file("Sources/RecCore/Memory/A.swift", text)]) == [])
        #expect(strayPointers(in: [file("Sources/RecFiles/GzipStream.swift", text)]) == [])
        #expect(strayPointers(in: [file("Sources/RecFiles/Bytes/Writer.swift", text)]) == [])
    }

    @Test func aPublishedPointerIsFoundInSignaturesOnly() {
        let text = """
            // S
            public func lend(
                _ count: Int,
                to body: (UnsafePointer<Float>) -> Void
            ) { let inner: OpaquePointer? = nil }
            package var handle: OpaquePointer { value }
            public var size: Int
            var own: UnsafeMutablePointer<Int8>
            public let plain = UnsafeRawPointer(bitPattern: 1) == nil
            """

        let found = publishedPointers(in: [file("Sources/RecFiles/GzipStream.swift", text)])

        #expect(found.map(\.line) == [4, 6])
    }

    @Test func emptyNamesAreFoundInFoldersAndTypes() {
        let inFolder = file("Sources/RecCore/Utils/A.swift", "// S")
        let inType = file(
            "Sources/RecCore/Ports/A.swift", "// S\nstruct A { class SessionManager {} }\nenum StoreImpl {}")
        let innocent = file("Sources/RecCore/Ports/A.swift", "// S\nstruct Commons {}\nlet files = FileManager.default")

        #expect(emptyNames(in: [inFolder]).count == 1)
        #expect(emptyNames(in: [inType]).map(\.line) == [2, 3])
        #expect(emptyNames(in: [innocent]) == [])
    }

    @Test func aFileWithoutAFirstLineIsFound() {
        #expect(missingFirstLines(in: [file("Sources/A/A.swift", "import Foundation")]).count == 1)
        #expect(missingFirstLines(in: [file("Sources/A/A.swift", "//\nimport Foundation")]).count == 1)
        #expect(missingFirstLines(in: [file("Sources/A/A.swift", "")]).count == 1)
        #expect(missingFirstLines(in: [file("Sources/A/A.swift", "// What lives here.")]) == [])
    }

    @Test func trappingWordsAreFoundInCodeOnly() {
        let text =
            "// try! this\nlet a = try! f()\nlet b = a as! Int\nfatalError(\"as! you wish\")\nlet c = try? f()\nif try !f() {}"

        #expect(trappingWords(in: [file("Sources/RecCore/Ports/A.swift", text)]).map(\.line) == [2, 3, 4])
    }

    @Test func writesThatTrapAreFound() {
        let text =
            "// S\nFileHandle.standardError.write(data)\ntry? FileHandle.standardError.write(contentsOf: data)\nx.write(data)\nstandardOutput.write(Data(text.utf8))"

        #expect(trappingWrites(in: [file("Sources/RecCore/Ports/A.swift", text)]).map(\.line) == [2, 5])
    }

    @Test func sleepingTestsAreFound() {
        let text =
            "// S\ntry await Task.sleep(for: .seconds(1))\nusleep(5)\nThread.sleep(1)\nsleep(1)\nclock.sleep(until: x)\nlet sleep = 1"

        #expect(sleepingTests(in: [file("Tests/A/A.swift", text)]).map(\.line) == [2, 3, 4, 5])
    }

    @Test func aThickProgramIsFound() {
        func program(_ lines: Int, in folder: String) -> SourceFile {
            file("Sources/\(folder)/Program.swift", String(repeating: "// S\n", count: lines))
        }

        #expect(thickPrograms(in: [program(120, in: "rec-train")]).count == 1)
        #expect(thickPrograms(in: [program(119, in: "rec-train"), program(500, in: "RecCore")]) == [])
    }
}
