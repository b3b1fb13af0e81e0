// Published models: whole or not there, verified to the byte.
import Foundation
import Testing

@testable import RecCore

@Suite struct ModelDirectoryTests {
    /// A folder that goes away with the test.
    final class Folder {
        let path: String
        init() throws {
            path = FileManager.default.temporaryDirectory.path + "/models-\(UUID().uuidString)"
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        }
        deinit { try? FileManager.default.removeItem(atPath: path) }
    }

    private let attributes: [ItemID: [String: String]] = Dictionary(
        uniqueKeysWithValues: (0..<20).map {
            (ItemID("i\($0)"), ["group": $0 % 2 == 0 ? "even" : "odd", "text": "item number \($0) of group \($0 % 4)"])
        })

    @Test func everyFileOfAModelIsItsOwnersAlone() throws {
        let folder = try Folder()
        let directory = try ModelDirectory(path: folder.path + "/m")
        try directory.publish(try SmallShop.snapshot(attributes: attributes))

        let files = FileManager.default.enumerator(atPath: folder.path)
        var seen = 0
        while let name = files?.nextObject() as? String {
            let mode = try FileManager.default.attributesOfItem(atPath: folder.path + "/" + name)[.posixPermissions]
            #expect((mode as? Int ?? 0o777) & 0o077 == 0, "\(name)")
            seen += 1
        }
        #expect(seen > 10)
    }

    @Test func loadedModelGivesTheSameLists() throws {
        let folder = try Folder()
        let directory = try ModelDirectory(path: folder.path + "/m")
        let snapshot = try SmallShop.snapshot(attributes: attributes)
        try directory.publish(snapshot)

        let version = try #require(try directory.current())
        let loaded = try directory.load(version)

        #expect(loaded.version == snapshot.version && loaded.configuration == snapshot.configuration)
        let users = Array(0..<40)
        #expect(
            EvaluationPipeline(loaded).lists(for: users, count: 10)
                == EvaluationPipeline(snapshot).lists(for: users, count: 10))
        #expect(loaded.features.vocabulary.count > 0)
    }

    @Test func versionsAreListedNewestFirstAndCanBeRolledBack() throws {
        let folder = try Folder()
        let directory = try ModelDirectory(path: folder.path)
        let first = try SmallShop.snapshot("v1")
        let second = try SmallShop.snapshot("v2")
        try directory.publish(first)
        try directory.publish(second)
        #expect(try directory.current() == second.version)
        #expect(try directory.versions().map(\.version.rawValue) == ["v2", "v1"])

        try directory.activate(first.version)

        #expect(try directory.current() == first.version)
        #expect(throws: StorageError.self) { try directory.publish(first) }
        let unknown = try #require(ModelVersion("v9"))
        #expect(throws: StorageError.self) { try directory.activate(unknown) }
        #expect(throws: StorageError.self) { try directory.load(unknown) }
    }

    @Test func whatACrashLeftIsRemovedAndHalfAVersionIsNone() throws {
        let folder = try Folder()
        let directory = try ModelDirectory(path: folder.path)
        let (first, second) = (try SmallShop.snapshot("v1"), try SmallShop.snapshot("v2"))
        try directory.publish(first)
        let left = folder.path + "/.tmp-v9"
        try FileManager.default.createDirectory(atPath: left, withIntermediateDirectories: true)
        try Data([1]).write(to: URL(fileURLWithPath: left + "/user_factors.npy"))
        // A version of a program of before.
        let old = folder.path + "/v0"
        try FileManager.default.createDirectory(atPath: old, withIntermediateDirectories: true)
        try Data(#"{"formatVersion": 1}"#.utf8).write(to: URL(fileURLWithPath: old + "/manifest.json"))

        try directory.publish(second)

        #expect(!FileManager.default.fileExists(atPath: left) && !FileManager.default.fileExists(atPath: old))
        try FileManager.default.removeItem(atPath: folder.path + "/v1/item_factors.npy")
        let error = #expect(throws: StorageError.self) { try directory.activate(first.version) }
        #expect(error?.code == .corrupt)
        #expect(try directory.current() == second.version)
    }

    @Test func everyFlippedByteIsFound() throws {
        let folder = try Folder()
        let directory = try ModelDirectory(path: folder.path)
        let snapshot = try SmallShop.snapshot(attributes: attributes)
        try directory.publish(snapshot)
        let home = folder.path + "/v1"
        var generator = SplitMix64(seed: 2)
        for name in try FileManager.default.contentsOfDirectory(atPath: home).sorted() {
            let url = URL(fileURLWithPath: home + "/" + name)
            let good = try Data(contentsOf: url)
            // Every byte of the manifest, the headers and a sample of the elements of the others.
            let places =
                name == "manifest.json"
                ? Array(good.indices)
                : Array(0..<12) + (0..<12).map { _ in Int.random(in: good.indices, using: &generator) }
            for place in places {
                var bad = good
                bad[place] ^= UInt8(1 << (place % 8))
                try bad.write(to: url)
                #expect(throws: StorageError.self, "\(name) byte \(place)") { try directory.load(snapshot.version) }
            }
            for size in [0, 1, good.count / 2, good.count - 1] {
                try good.prefix(size).write(to: url)
                #expect(throws: StorageError.self, "\(name) cut to \(size)") { try directory.load(snapshot.version) }
            }
            try (good + [0]).write(to: url)
            #expect(throws: StorageError.self, "\(name) with a byte more") { try directory.load(snapshot.version) }
            try FileManager.default.removeItem(at: url)
            #expect(throws: StorageError.self, "\(name) missing") { try directory.load(snapshot.version) }
            try good.write(to: url)
        }
        _ = try directory.load(snapshot.version)
    }

    @Test(arguments: [
        ("createdMilliseconds", Int64.min), ("createdMilliseconds", Int64.max), ("firstMilliseconds", Int64.min),
        ("lastMilliseconds", 253_402_300_800_000), ("firstMilliseconds", -62_135_596_800_001),
    ])
    func timesOutsideOfTheCalendarAreRefused(_ field: String, _ value: Int64) throws {
        let folder = try Folder()
        let directory = try ModelDirectory(path: folder.path)
        try directory.publish(try SmallShop.snapshot())
        let file = URL(fileURLWithPath: folder.path + "/v1/manifest.json")
        let text = String(decoding: try Data(contentsOf: file), as: UTF8.self)
        // With a checksum that fits, as someone who may write the folder would make it.
        let pattern = try Regex("(\"\(field)\" : )-?[0-9]+")
        let forged = text.replacing(pattern) { match in
            String(match.output[1].substring ?? "") + String(value)
        }
        #expect(forged != text)
        var manifest = try JSONDecoder().decode(ModelManifest.self, from: Data(forged.utf8))
        manifest.checksum = ""
        manifest.checksum = Column(Array(try manifest.encoded())).withBytes { DurableFile.sha256($0) }
        try manifest.encoded().write(to: file, options: .atomic)

        let error = #expect(throws: StorageError.self) { try directory.load(try #require(ModelVersion("v1"))) }
        #expect(error?.code == .corrupt && error?.reason.contains("years 1 to 9999") == true)
        #expect(try directory.versions().isEmpty)
    }

    @Test func aTornPointerIsAClearErrorAndAHalfWrittenVersionIsNotListed() throws {
        let folder = try Folder()
        let directory = try ModelDirectory(path: folder.path)
        try directory.publish(try SmallShop.snapshot())
        try FileManager.default.createDirectory(atPath: folder.path + "/v2", withIntermediateDirectories: true)
        try Data("torn".utf8).write(to: URL(fileURLWithPath: folder.path + "/v2/user_factors.npy"))
        #expect(try directory.versions().map(\.version.rawValue) == ["v1"])

        try Data("../v1".utf8).write(to: URL(fileURLWithPath: folder.path + "/CURRENT"))

        #expect(throws: StorageError.self) { try directory.current() }
    }
}
