// One seed, one model: byte for byte, however the work is spread over threads.
import Foundation
import Testing

@testable import RecCore

@Suite struct DeterminismTests {
    /// Every array of the artifact, by file name; the manifest has the moment of publishing nowhere.
    private func artifact(_ snapshot: ModelSnapshot) throws -> [String: Data] {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try ModelArtifact.write(snapshot, into: folder.path)
        var files: [String: Data] = [:]
        for name in try FileManager.default.contentsOfDirectory(atPath: folder.path) {
            files[name] = try Data(contentsOf: folder.appendingPathComponent(name))
        }
        return files
    }

    private func train(seed: UInt64) throws -> ModelSnapshot {
        let options = TrainingOptions(als: try ALSConfiguration(dimension: 12, seed: seed), validationDays: 2)
        return try TrainingPipeline(options).train(
            try SmallShop.builder(users: 300, items: 60), attributes: [:],
            version: try #require(ModelVersion("v1")), created: SmallShop.day(100))
    }

    @Test func oneThreadAndAllThreadsGiveEqualBytes() throws {
        let all = try artifact(try train(seed: 3))
        let single = try Parallel.$isSerial.withValue(true) { try artifact(try train(seed: 3)) }

        #expect(all.count > 40)
        #expect(all == single)
        #expect(try artifact(try train(seed: 4)) != all)
    }
}
