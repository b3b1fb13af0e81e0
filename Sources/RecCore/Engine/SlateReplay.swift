// Makes logged slates again and compares them with what was logged.

/// What a check of a log found.
public struct SlateReplayReport: Sendable {
    /// Slates that came out the same to the last bit of every propensity.
    public var equal = 0
    /// Slates of policies that leave nothing to chance, whose candidates are not logged.
    public var withoutCandidates = 0
    /// Recommendation ids of slates that came out otherwise, and how; the first hundred.
    public var different: [(recommendation: String, reason: String)] = []
    /// Slates that came out otherwise, listed or not.
    public var differences = 0
    /// Nothing replayed yet.
    public init() {}

    mutating func add(_ impression: Impression, _ reason: String) {
        differences += 1
        if different.count < 100 { different.append((impression.recommendation, reason)) }
    }
}

/// Draws each slate of an impression log anew from its policy, seed and candidates. Policies with diversity look at the factors of their
/// candidates, which come from the model that the impression names.
public struct SlateReplay: Sendable {
    private let impressions: any ImpressionLog
    private let models: any ModelStore

    /// - Parameters:
    ///   - impressions: slates with the candidates that they were drawn from.
    ///   - models: those that the slates name.
    public init(impressions: any ImpressionLog, models: any ModelStore) {
        (self.impressions, self.models) = (impressions, models)
    }

    /// - Throws: the log's error, or that of a model which a slate needs.
    /// - Complexity: O(candidates log places) a slate.
    public func check(
        progress: @Sendable (_ slates: Int) -> Void = { _ in }
    ) async throws(StorageError) -> SlateReplayReport {
        var report = SlateReplayReport()
        var known = LoggedModels(models: models)
        var seen = 0
        try await impressions.forEachPage { page throws(StorageError) in
            report.withoutCandidates += page.withoutCandidates
            for impression in page.unreadable { report.add(impression, "its candidates cannot be read") }
            for choice in page.choices {
                if let reason = try await difference(choice, &known) {
                    report.add(choice.impression, reason)
                } else {
                    report.equal += 1
                }
            }
            seen += page.choices.count + page.withoutCandidates + page.unreadable.count
            progress(seen)
        }
        return report
    }

    private func difference(
        _ choice: LoggedChoice, _ known: inout LoggedModels
    ) async throws(StorageError) -> String? {
        let policy: ComposedPolicy
        do throws(InvalidPolicy) { policy = try ComposedPolicy(choice.impression.policy) } catch {
            return error.description
        }
        return difference(choice.impression, policy, try await known.directed(choice, policy))
    }

    private func difference(
        _ impression: Impression, _ policy: ComposedPolicy, _ candidates: SlateCandidates
    ) -> String? {
        guard candidates.hash == impression.candidateHash else {
            return "the candidates have another hash than the one that was logged"
        }
        let slate = policy.slate(from: candidates, length: impression.length, seed: impression.seed)
        let names = candidates.items
        let items = slate.places.map { names[$0] }
        guard items == impression.items else {
            let place =
                zip(items, impression.items).enumerated().first { $1.0 != $1.1 }?.offset
                ?? min(
                    items.count, impression.items.count)
            return "place \(place + 1) is another item"
        }
        let isSame = zip(slate.logPropensities, impression.logPropensities).allSatisfy {
            $0.bitPattern == $1.bitPattern
        }
        return isSame && slate.logPropensities.count == impression.logPropensities.count
            ? nil : "the propensities are others"
    }
}
