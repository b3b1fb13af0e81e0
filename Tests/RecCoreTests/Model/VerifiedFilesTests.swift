// What was verified is not read again; what anybody touched since is.
import Foundation
import Testing

@testable import RecCore

@Suite struct VerifiedFilesTests {
    private struct Published {
        let folder: ModelDirectoryTests.Folder
        let directory: ModelDirectory
        let home: String
        let version: ModelVersion

        init() throws {
            folder = try ModelDirectoryTests.Folder()
            directory = try ModelDirectory(path: folder.path)
            let snapshot = try SmallShop.snapshot()
            try directory.publish(snapshot)
            (home, version) = (folder.path + "/v1", snapshot.version)
        }

        /// Changes one byte from the end of an array, without a new file.
        func spoil(_ name: String, byte: Int = 1) throws {
            let path = home + "/" + name
            try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: path)
            let file = try FileHandle(forUpdating: URL(fileURLWithPath: path))
            let size = try file.seekToEnd()
            try file.seek(toOffset: size - UInt64(byte))
            let old = try #require(try file.read(upToCount: 1))
            try file.seek(toOffset: size - UInt64(byte))
            try file.write(contentsOf: Data([old[0] ^ 0x80]))
            try file.close()
        }

        /// Says of the files as they are now that they were verified.
        func forge() throws {
            var note = try #require(VerifiedFiles.read(for: home))
            for name in note.stamps.keys { note.stamps[name] = try MappedFile(path: home + "/" + name).stamp }
            note.keep(for: home)
        }
    }

    @Test func publishingNotesEveryArray() throws {
        let published = try Published()
        let note = try #require(VerifiedFiles.read(for: published.home))
        let arrays = try FileManager.default.contentsOfDirectory(atPath: published.home).filter { $0.hasSuffix(".npy") }
        #expect(Set(note.stamps.keys) == Set(arrays))
        for name in arrays {
            #expect(try MappedFile(path: published.home + "/" + name).stamp == note.stamps[name])
        }
        let (_, verified) = try ModelArtifact.read(from: published.home, verified: note)
        #expect(verified.stamps == note.stamps)
        #expect(verified.manifest == note.manifest && !note.manifest.isEmpty)
    }

    @Test func aTouchedFileIsVerifiedThoughItWasBefore() throws {
        let published = try Published()
        try published.spoil("user_factors.npy")
        let error = #expect(throws: StorageError.self) { try published.directory.load(published.version) }
        #expect(error?.reason.contains("user_factors.npy does not match its SHA-256") ?? false)
    }

    @Test func whatTheNoteVouchesForIsNotHashedAgainAndStillCannotLeadOutside() throws {
        let published = try Published()
        try published.spoil("user_factors.npy")
        try published.forge()
        // The sign of one number: nothing but the hash would tell.
        _ = try published.directory.load(published.version)

        try published.spoil("history_indices.npy")
        try published.forge()
        let error = #expect(throws: StorageError.self) { try published.directory.load(published.version) }
        #expect(error?.code == .corrupt)
    }

    @Test func aNoteOfAnotherManifestOrATornOneVouchesForNothing() throws {
        let published = try Published()
        try published.spoil("user_factors.npy")
        try published.forge()
        let note = try #require(VerifiedFiles.read(for: published.home))
        VerifiedFiles(manifest: "another", stamps: note.stamps).keep(for: published.home)
        #expect(throws: StorageError.self) { try published.directory.load(published.version) }

        let path = published.folder.path + "/.verified-v1"
        try Data("{\"manifest\"".utf8).write(to: URL(fileURLWithPath: path))
        #expect(throws: StorageError.self) { try published.directory.load(published.version) }

        try published.spoil("user_factors.npy")
        _ = try published.directory.load(published.version)
        #expect(VerifiedFiles.read(for: published.home) != nil)
    }

    @Test func aModelThatLiesInFilesIsPublishedAsOneInMemory() throws {
        let published = try Published()
        let loaded = try published.directory.load(published.version)
        #expect(loaded.factors.users.elements.withPiece { $0.isMapped })
        let before = EvaluationPipeline(loaded).lists(for: Array(0..<40), count: 10)
        let again = try ModelDirectory(path: published.folder.path + "/again")

        try again.publish(loaded)

        // Byte by byte, and pages that were given back are read again.
        for name in try FileManager.default.contentsOfDirectory(atPath: published.home) {
            let copy = published.folder.path + "/again/v1/" + name
            #expect(FileManager.default.contentsEqual(atPath: published.home + "/" + name, andPath: copy), "\(name)")
        }
        #expect(EvaluationPipeline(loaded).lists(for: Array(0..<40), count: 10) == before)
        #expect(EvaluationPipeline(try again.load(published.version)).lists(for: Array(0..<40), count: 10) == before)
    }

    @Test func pagesGivenBackAreReadAgain() throws {
        let folder = try ModelDirectoryTests.Folder()
        let numbers = (0..<100_000).map { Float($0) }
        let first = try NumpyFile.write(Column(numbers), shape: [numbers.count], to: folder.path + "/a")
        let mapped = try #require(
            NumpyFile.elements(of: Float.self, shape: [numbers.count], in: try MappedFile(path: folder.path + "/a")))
        let second = try NumpyFile.write(mapped, shape: [numbers.count], to: folder.path + "/b")
        #expect(first.sha256 == second.sha256 && first.bytes == second.bytes)
        #expect(Array(mapped) == numbers)
    }

    @Test func wholeArraysAreLookedAtAsOneByOne() {
        var generator = SplitMix64(seed: 5)
        for count in [0, 1, 7, 8, 9, 64, 1001] {
            let numbers = (0..<count).map { _ in Float.random(in: -1e30...1e30, using: &generator) }
            #expect(Column(numbers).areFinite)
            for bad in [Float.nan, .infinity, -.infinity] where count > 0 {
                for place in Set([0, count / 2, count - 1]) {
                    var spoiled = numbers
                    spoiled[place] = bad
                    #expect(!Column(spoiled).areFinite, "\(bad) at \(place) of \(count)")
                }
            }
            let rows = (0..<count).map { Int32($0 / 2) }
            #expect(Column(rows).areAscending && Column(rows).lie(from: 0, below: max(1, count)))
            guard count > 2 else { continue }
            #expect(!Column(rows.map { -$0 }).areAscending)
            #expect(!Column(rows).lie(from: 0, below: Int(rows[count - 1])) && !Column(rows).lie(from: 1, below: count))
        }
    }
}
