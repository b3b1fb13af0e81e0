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
        #expect(trappingWords(in: sources) == [])
    }

    @Test func testsDoNotSleep() {
        #expect(sleepingTests(in: tests) == [])
    }

    @Test func programsAreWiringOnly() {
        #expect(thickPrograms(in: sources) == [])
    }
}
