// The rules of Docs/Architecture.md, held against the sources of this package.
import Testing

@Suite struct ArchitectureTests {
    let sources: [SourceFile]
    let tests: [SourceFile]

    init() throws {
        sources = try ThisPackage.swiftFiles(under: "Sources")
        tests = try ThisPackage.swiftFiles(under: "Tests")
        try #require(sources.contains { $0.module == "RecCore" })
        try #require(tests.contains { $0.module == "ArchitectureTests" })
    }

    @Test func everyTargetHasARowInTheImportTable() throws {
        let folders = try ThisPackage.targetFolders()

        #expect(folders.filter { importTable[$0] == nil } == [])
    }

    @Test func noModuleImportsWhatTheTableForbids() {
        #expect(forbiddenImports(in: sources) == [])
    }

    @Test func noFileNamesATypeOfAHigherFloor() {
        #expect(namesOfHigherFloors(in: sources.filter { $0.module == "RecCore" }) == [])
    }

    @Test func pointersStayInTheirFiles() {
        #expect(strayPointers(in: sources) == [])
    }

    @Test func noPublishedSignatureHoldsAPointer() {
        #expect(publishedPointers(in: sources) == [])
    }

    @Test func foldersAndTypesHaveNamesThatTellSomething() {
        #expect(emptyNames(in: sources) == [])
    }

    @Test func everyFileBeginsByTellingWhatLivesThere() {
        #expect(missingFirstLines(in: sources) == [])
    }

    @Test func sourcesHoldNoTrappingWords() {
        #expect(trappingWords(in: sources) + trappingWrites(in: sources) == [])
    }

    /// What the example shows: the engine without anything else, the shop's own code without a server.
    @Test func theExampleNeedsWhatItSaysItNeeds() throws {
        let examples = try ThisPackage.swiftFiles(under: "Examples")
        func foreign(_ folder: String, _ known: Set<String>) -> [String] {
            examples.filter { $0.path.hasPrefix("Examples/\(folder)/") }.flatMap(\.imports).map(\.module)
                .filter { !known.contains($0) }
        }

        #expect(examples.count > 15)
        #expect(foreign("Bookshop/Sources/shelf", ["RecCore", "Foundation"]) == [])
        #expect(foreign("Bookshop/Sources/Bookshop", ["RecCore", "Foundation"]) == [])
        #expect(foreign("Bookshop/Sources/BookshopStores", ["RecCore", "Bookshop", "Foundation", "Dispatch"]) == [])
        #expect(missingFirstLines(in: examples) + trappingWords(in: examples) + sleepingTests(in: examples) == [])
    }

    @Test func testsDoNotSleep() {
        #expect(sleepingTests(in: tests) == [])
    }

    @Test func programsAreWiringOnly() {
        #expect(thickPrograms(in: sources) == [])
    }
}
