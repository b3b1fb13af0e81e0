// Settings of the stores.
import Foundation
import Testing

@testable import RecStorage

@Suite struct StorageSettingsTests {
    private func file(_ text: String) throws -> String {
        let path = NSTemporaryDirectory() + "settings-\(UUID().uuidString)"
        try text.write(toFile: path, atomically: true, encoding: .utf8)
        return path
    }

    @Test func flagsWinOverEnvironmentOverFileOverDefaults() throws {
        let path = try file("# a comment\nREC_KAFKA_TOPIC = file\nREC_KAFKA_GROUP=file\nREC_KAFKA_BROKERS=file:1\n")
        defer { try? FileManager.default.removeItem(atPath: path) }

        let settings = try StorageSettings(
            flags: ["REC_KAFKA_TOPIC": "flag"],
            environment: ["REC_KAFKA_TOPIC": "environment", "REC_KAFKA_GROUP": "environment"], file: path)

        #expect(settings["REC_KAFKA_TOPIC"] == "flag")
        #expect(settings["REC_KAFKA_GROUP"] == "environment")
        #expect(settings["REC_KAFKA_BROKERS"] == "file:1")
        #expect(settings["REC_KAFKA_DEAD_LETTERS"] == "rec-events-dead")
        #expect(settings["REC_REDIS_URL"] == nil)
    }

    @Test func secretsComeFromFilesAndAreNeverShown() throws {
        let path = try file("redis://:hunter2@cache/0\n")
        defer { try? FileManager.default.removeItem(atPath: path) }

        let settings = try StorageSettings(environment: ["REC_REDIS_URL_FILE": path])

        #expect(settings["REC_REDIS_URL"] == "redis://:hunter2@cache/0")
        #expect(!settings.description.contains("hunter2"))
    }

    @Test func everythingThatIsWrongIsToldAtOnce() throws {
        let path = try file("REC_KAFKA_TOPIC\nREC_KAFKA_TOPPIC=x\nREC_KAFKA_GROUP=a\nREC_KAFKA_GROUP=b\n")
        defer { try? FileManager.default.removeItem(atPath: path) }

        let problems = #expect(throws: StorageSettings.Problems.self) {
            try StorageSettings(
                environment: [
                    "REC_REDIS_ULR": "x", "REC_POSTGRES_URL": "a", "REC_POSTGRES_URL_FILE": "b",
                    "REC_REDIS_URL_FILE": "/nowhere/at/all",
                ], file: path)
        }

        #expect(problems?.texts.count == 6)
    }
}
