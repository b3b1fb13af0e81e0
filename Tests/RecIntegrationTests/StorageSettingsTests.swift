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

        // The group of the file is the seventh: without brokers nothing would use it.
        #expect(problems?.texts.count == 7)
    }

    @Test func whatNothingWouldUseIsAProblem() throws {
        let path = try file("postgresql://rec@db/shop\n")
        defer { try? FileManager.default.removeItem(atPath: path) }

        let settings = try StorageSettings(flags: ["REC_POSTGRES_URL_FILE": path], environment: [:])

        #expect(settings["REC_POSTGRES_URL"] == "postgresql://rec@db/shop")
        #expect(throws: StorageSettings.Problems.self) {
            try StorageSettings(environment: ["REC_KAFKA_BROKERS_FILE": path])
        }
        #expect(throws: StorageSettings.Problems.self) { try StorageSettings(environment: ["REC_KAFKA_TOPIC": "t"]) }
    }

    private struct Listed: Decodable {
        let name, meaning: String
        let secret: Bool
        let `default`: String?
    }

    @Test func theListForProgramsHoldsEverySettingAndItsDefault() throws {
        let listed = try JSONDecoder().decode([Listed].self, from: Data(StorageSettings.json.utf8))

        #expect(listed.map(\.name) == StorageSettings.all.map(\.name))
        #expect(listed.map(\.meaning) == StorageSettings.all.map(\.meaning))
        #expect(listed.map(\.secret) == StorageSettings.all.map(\.isSecret))
        #expect(listed.map(\.default) == StorageSettings.all.map(\.standard))
    }

    @Test func everySettingIsOnThePageOfTheConfiguration() throws {
        let root = URL(fileURLWithPath: #filePath)
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        let page = try String(contentsOf: root.appendingPathComponent("Docs/Configuration.md"), encoding: .utf8)

        for setting in StorageSettings.all { #expect(page.contains("| `\(setting.name)` |"), "\(setting.name)") }
    }

    private func configuration(_ flags: [String: String]) throws -> StorageConfiguration {
        try StorageConfiguration(try StorageSettings(flags: flags, environment: [:]), purpose: .bulk)
    }

    @Test func whatIsNotNamedIsNotConfigured() throws {
        let configuration = try configuration([:])

        #expect(configuration.postgres == nil && configuration.redis == nil && configuration.kafka == nil)
    }

    @Test func addressesAreRead() throws {
        let configuration = try configuration([
            "REC_POSTGRES_URL": "postgresql://rec@db/shop", "REC_REDIS_URL": "redis://me:a%20b@[::1]:6380/3",
            "REC_KAFKA_BROKERS": "a:1, b:2", "REC_KAFKA_PROPERTIES": "sasl.username=x=y;linger.ms=7",
        ])

        #expect(configuration.redis?.endpoint == .tcp(host: "::1", port: 6380))
        #expect(configuration.redis?.database == 3)
        #expect(configuration.redis?.user == "me")
        #expect(configuration.redis?.password == "a b")
        #expect(configuration.kafka?.brokers == ["a:1", "b:2"])
        #expect(configuration.kafka?.properties["sasl.username"] == "x=y")
        let socket = try self.configuration(["REC_REDIS_URL": "unix:/run/redis.sock"])
        #expect(socket.redis?.endpoint == .unixSocket(path: "/run/redis.sock"))
        #expect(socket.redis?.timeToLive == nil)
    }

    @Test(arguments: ["redis://cache", "unix:/run/redis.sock"])
    func windowsAreForgottenAfterTheDaysThatWereAskedFor(url: String) throws {
        let configuration = try configuration(["REC_REDIS_URL": url, "REC_REDIS_DAYS": "90"])

        #expect(configuration.redis?.timeToLive == .seconds(90 * 86_400))
    }

    @Test(arguments: ["0", "-1", "36501", "1.5", "ten", "99999999999999999999"])
    func daysThatAreNoDaysAreAProblem(days: String) {
        let problems = #expect(throws: StorageSettings.Problems.self) {
            try configuration(["REC_REDIS_URL": "redis://cache", "REC_REDIS_DAYS": days])
        }
        #expect(problems?.texts.count == 1)
        #expect(problems?.texts.first?.hasPrefix("REC_REDIS_DAYS") == true)
    }

    @Test func daysWithoutRedisAreAProblem() {
        #expect(throws: StorageSettings.Problems.self) { try configuration(["REC_REDIS_DAYS": "90"]) }
    }

    @Test func everyWrongAddressIsToldAtOnceAndNoneIsShown() throws {
        let error = #expect(throws: StorageSettings.Problems.self) {
            try configuration([
                "REC_POSTGRES_URL": "nonsense=hunter2", "REC_REDIS_URL": "http://hunter2", "REC_KAFKA_BROKERS": ",",
                "REC_KAFKA_PROPERTIES": "hunter2",
            ])
        }

        #expect(error?.texts.count == 3)
        #expect(error.map { "\($0)".contains("hunter2") } == false)
        #expect(throws: StorageSettings.Problems.self) { try configuration(["REC_REDIS_URL": "rediss://a"]) }
        #expect(throws: StorageSettings.Problems.self) { try configuration(["REC_REDIS_URL": "redis://a/b"]) }
        #expect(throws: StorageSettings.Problems.self) {
            try configuration(["REC_KAFKA_BROKERS": "a:1", "REC_KAFKA_PROPERTIES": "acks=1;acks=all"])
        }
    }
}
