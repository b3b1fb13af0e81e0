// What programs do with the stores that the settings name.
import Foundation
import Logging
import RecCore
import RecStorage
import RecTesting
import Testing

@testable import RecStores

@Suite struct StoresTests {
    private final class Folder {
        let path = NSTemporaryDirectory() + "stores-\(UUID().uuidString)"
        deinit { try? FileManager.default.removeItem(atPath: path) }
    }

    private func configuration(_ flags: [String: String] = [:]) throws -> StorageConfiguration {
        try StorageConfiguration(try StorageSettings(flags: flags, environment: [:]), purpose: .bulk)
    }

    private func embedded(_ folder: Folder, creating: Bool = true) async throws -> Stores {
        try await Stores(
            folder: folder.path, configuration: try configuration(), purpose: .bulk, creating: creating,
            logger: Logger(label: "tests"))
    }

    private func event(_ number: Int, user: String = "u", id: String? = nil) throws -> Interaction {
        try Interaction(
            event: id.map { EventID($0) }, user: UserID(user), item: ItemID("i\(number)"), kind: .view,
            timestamp: Timestamp(milliseconds: Int64(1_000_000 + number)))
    }

    @Test func aPersonIsForgottenInEveryStoreAndWhatIsLeftIsTold() async throws {
        let folder = Folder()
        let stores = try await embedded(folder)
        let user = UserID("anna")
        _ = try await stores.history.append([try event(1, user: "anna"), try event(2)])
        try await stores.log.append([try event(3, user: "anna", id: "e"), try event(4, id: "e")])
        try await stores.sessions.add([try event(3, user: "anna", id: "e")])
        try await stores.users.upsert([UserProfile(id: user, attributes: ["age": "30"])])

        let erasure = try await stores.erase(user)
        let again = try await stores.erase(user)

        #expect(erasure.removed.map { $0.count } == [1, 1, 1, 0, 1])
        #expect(again.removed.allSatisfy { $0.count == 0 })
        #expect(
            erasure.remains.contains { $0.contains("backups") } && !erasure.remains.contains { $0.contains("Kafka") })
        #expect(try await stores.takeLoggedEvents() == 1)
        let left = try await stores.history.page(after: 0, limit: 9).interactions.map(\.user)
        #expect(left == [UserID("u"), UserID("u")])
        #expect(try await stores.sessions.states(of: [user]).isEmpty)
        #expect(try await stores.users.profiles(of: [user]).isEmpty)
    }

    @Test func whatIsNotNamedIsEmbedded() async throws {
        let folder = Folder()
        let stores = try await embedded(folder)

        try await stores.log.append([try event(1, id: "a")])

        #expect(try await stores.takeLoggedEvents() == 1)
        #expect(try await stores.history.count() == 1)
        #expect(try await stores.historyIdentity() == "embedded")
        #expect(stores.lag() == nil)
    }

    @Test func aFolderThatIsMissingIsAMistakeUnlessItIsToBeMade() async throws {
        let error = await #expect(throws: StorageError.self) { try await embedded(Folder(), creating: false) }

        #expect(error?.code == .notFound)
    }

    @Test func whatAReplaySentIsNotTakenIntoTheHistoryAgain() async throws {
        let folder = Folder()
        let stores = try await embedded(folder)
        _ = try await stores.history.append(try (0..<30).map { try event($0) })
        _ = try await ReplayPipeline(history: stores.history, log: stores.log).run(clock: ContinuousClock())

        #expect(try await stores.takeLoggedEvents() == 0)
        #expect(try await stores.history.count() == 30)
    }

    @Test func windowsMadeFromHistoryAreThoseOfTheReplayedStream() async throws {
        let folder = Folder()
        let stores = try await embedded(folder)
        var events = try (0..<400).map { try event($0, user: "u\($0 % 13)", id: $0 % 3 == 0 ? "e\($0)" : nil) }
        // Repetitions leave gaps in the numbers of rows.
        events += events.filter { $0.event != nil }
        for start in stride(from: 0, to: events.count, by: 37) {
            _ = try await stores.history.append(Array(events[start..<min(events.count, start + 37)]))
        }
        let replayed = InMemoryStores()
        _ = try await ReplayPipeline(history: stores.history, log: replayed.log).run(clock: ContinuousClock())
        _ = try await replayed.sessions.record(replayed.log.events)

        let rows = try await stores.rebuildWindows(pageSize: 50) { _ in }

        let users = (0..<13).map { UserID("u\($0)") }
        #expect(rows == 400)
        #expect(try await stores.sessions.states(of: users) == replayed.sessions.states(of: users))
    }

    @Test(arguments: [StorageError.Code.unavailable, .timeout, .full])
    func anEventIsAcceptedWhileItsWindowCannotBeWritten(_ code: StorageError.Code) async throws {
        let fakes = InMemoryStores()
        fakes.faults.fail("sessions.record", code)
        let sessions = FollowedSessions(base: fakes.sessions)

        try await sessions.add([try event(1, id: "a")])
        #expect(try await sessions.states(of: [UserID("u")]).isEmpty)
        try await sessions.add([try event(1, id: "a")])
        #expect(try await sessions.states(of: [UserID("u")]).count == 1)
    }

    @Test func aWindowThatCannotBeReadIsNoLongerAccepted() async throws {
        let fakes = InMemoryStores()
        fakes.faults.fail("sessions.record", .corrupt)

        await #expect(throws: StorageError.self) {
            try await FollowedSessions(base: fakes.sessions).add([try event(1, id: "a")])
        }
    }

    @Test func aPlaceBelongsToALogAndAHistory() throws {
        let folder = Folder()
        try FileManager.default.createDirectory(atPath: folder.path, withIntermediateDirectories: true)
        let kafka = try configuration(["REC_KAFKA_BROKERS": "a:1"])
        let place = ReplayPlace(folder: folder.path, configuration: kafka, history: "one")
        #expect(try place.read() == 0)

        try place.write(77)

        #expect(try place.read() == 77)
        #expect(try ReplayPlace(folder: folder.path, configuration: kafka, history: "two").read() == 0)
        #expect(try ReplayPlace(folder: folder.path, configuration: try configuration(), history: "one").read() == 0)
        try "{".write(toFile: folder.path + "/replay.json", atomically: true, encoding: .utf8)
        #expect(throws: StorageError.self) { try place.read() }
    }
}
