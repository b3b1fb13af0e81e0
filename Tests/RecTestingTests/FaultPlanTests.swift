// Planned faults come when they were planned.
import RecCore
import RecTesting
import Testing

@Suite struct FaultPlanTests {
    private func event(_ id: String) throws -> Interaction {
        try Interaction(
            event: EventID(id), user: UserID("u"), item: ItemID("i"), kind: .view,
            timestamp: Timestamp(milliseconds: 1))
    }

    @Test func faultsComeInTurnAndEnd() async throws {
        let store = InMemorySessionStore()
        store.faults.fail("sessions.record", .unavailable, skipping: 1, times: 2)
        store.faults.fail("sessions.record", .full)
        var codes: [StorageError.Code?] = []

        for number in 0..<5 {
            let event = try event("\(number)")
            do throws(StorageError) {
                _ = try await store.record([event])
                codes.append(nil)
            } catch {
                codes.append(error.code)
            }
        }

        #expect(codes == [nil, .unavailable, .unavailable, .full, nil])
        #expect(store.faults.calls(of: "sessions.record") == 5)
        let held = try await store.states(of: [UserID("u")])[UserID("u")]
        #expect(held?.interactions.map { $0.event?.rawValue } == ["4", "0"])
    }

    @Test func lostAnswerLeavesTheEffect() async throws {
        let store = InMemoryHistory()
        store.faults.fail("history.append", .timeout, moment: .afterEffect)

        await #expect(throws: StorageError.self) { try await store.append([try event("a")]) }

        #expect(try await store.count() == 1)
        #expect(try await store.append([try event("a")]) == 0)
    }

    @Test func clearedPlanFailsNothing() async throws {
        let store = InMemoryCatalog()
        store.faults.fail("catalog.page", .unavailable, times: .max)
        await #expect(throws: StorageError.self) { try await store.page(after: nil, limit: 1) }

        store.faults.clear()

        #expect(try await store.page(after: nil, limit: 1).isEmpty)
    }
}
