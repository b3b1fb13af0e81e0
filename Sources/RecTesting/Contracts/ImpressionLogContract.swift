// What every impression log must keep to.
import RecCore

/// The promises of `ImpressionLog` of RecCore.
public enum ImpressionLogContract {
    /// - Parameter make: gives an empty log; it is called for each promise.
    /// - Throws: ``ContractViolation`` for the first promise that is broken, or the log's own error.
    public static func verify(_ make: () async throws -> any ImpressionLog) async throws {
        try await impressionsComeBackInOrder(try await make())
        try await secondDeliveryChangesNothing(try await make())
        try await outcomesAreFoundByAnswer(try await make())
    }

    private static let check = ContractCheck(port: "ImpressionLog")

    static func impression(_ number: Int, user: String? = "user") throws -> Impression {
        guard let version = ModelVersion("v1") else {
            throw ContractViolation(port: check.port, promise: "v1 is a version", found: "nil")
        }
        let items = (0..<number).map { ItemID("item \($0) 'λ'") }
        let isKept = number % 2 == 0
        return Impression(
            recommendation: "r\(number)", user: user.map(UserID.init), modelVersion: version,
            policy: isKept ? "plackett_luce(0.1)+reserve(2,5)" : "greedy", mode: "auto",
            timestamp: Timestamp(milliseconds: ContractEvents.start.milliseconds + Int64(number)),
            seed: number == 0 ? .max : UInt64(number), items: items,
            // Numbers that a text of few digits would not bring back.
            logPropensities: (0..<number).map { -1 / Double($0 + 3) - 1e-13 }, offset: number / 3, length: number + 1,
            candidates: isKept
                ? SlateCandidates(
                    items: items, scores: items.indices.map { 1 / Float($0 + 3) },
                    logShares: items.indices.map { -1 / Float($0 + 7) }, isUnderexposed: items.map { _ in true }) : nil)
    }

    private static func impressionsComeBackInOrder(_ log: any ImpressionLog) async throws {
        let impressions = try (0..<9).map { try impression($0, user: $0 == 3 ? nil : "user \($0)") }
        try await log.append([])
        try await log.append(Array(impressions.prefix(4)))
        try await log.append(Array(impressions.dropFirst(4)))
        var found: [Impression] = []
        var offset: Int64 = 0
        while true {
            let page = try await log.page(after: offset, limit: 2)
            guard !page.impressions.isEmpty else {
                try check.expect("the offset behind an empty page is the one asked for", page.nextOffset, is: offset)
                break
            }
            try check.expect(
                "a page holds at most `limit`", page.impressions.count <= 2, found: "\(page.impressions.count)")
            found += page.impressions
            offset = page.nextOffset
        }
        try check.expect("impressions come back whole, in the order they were appended", found, is: impressions)
    }

    private static func secondDeliveryChangesNothing(_ log: any ImpressionLog) async throws {
        let one = try impression(1)
        let other = try impression(1, user: "somebody else")
        try await log.append([one])
        try await log.append([other, try impression(2)])
        let found = try await log.page(after: 0, limit: 10).impressions
        try check.expect(
            "a recommendation id that is held already changes nothing", found, is: [one, try impression(2)])
    }

    private static func outcomesAreFoundByAnswer(_ log: any ImpressionLog) async throws {
        func outcome(_ answer: String, _ event: String, minute: Int64, weight: Float = 1) -> Outcome {
            Outcome(
                recommendation: answer, item: ItemID("item 'λ'"), kind: .click,
                timestamp: Timestamp(milliseconds: ContractEvents.start.milliseconds + minute * 60_000), weight: weight,
                event: EventID(event))
        }
        try await log.append(outcomes: [])
        // In any order, also before the impression itself is there, and more than once.
        try await log.append(outcomes: [outcome("r1", "e2", minute: 2), outcome("r2", "e1", minute: 5, weight: 0.1)])
        try await log.append([try impression(1), try impression(2)])
        try await log.append(outcomes: [outcome("r1", "e1", minute: 1), outcome("r1", "e2", minute: 9)])
        let found = try await log.outcomes(of: ["r1", "r2", "r3"])
        try check.expect("an answer nothing is known of is absent", found["r3"] == nil, found: "\(found["r3"] ?? [])")
        try check.expect(
            "outcomes come in order of time, each event once, as it came first", found["r1"] ?? [],
            is: [outcome("r1", "e1", minute: 1), outcome("r1", "e2", minute: 2)])
        try check.expect(
            "an outcome keeps its weight", found["r2"] ?? [], is: [outcome("r2", "e1", minute: 5, weight: 0.1)])
    }
}
