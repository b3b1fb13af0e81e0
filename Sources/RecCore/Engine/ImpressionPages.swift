// The pages of an impression log, and which of their slates can be drawn again.

/// An impression with what its policy chose from.
struct LoggedChoice: Sendable {
    let impression: Impression
    let candidates: SlateCandidates
}

/// A page of an impression log, sorted by what can be said of its slates.
struct ImpressionPage: Sendable {
    /// In the order of the log.
    private(set) var choices: [LoggedChoice] = []
    /// Slates of policies that leave nothing to chance, whose candidates are not logged.
    private(set) var withoutCandidates = 0
    /// Slates whose candidates were logged and cannot be read.
    private(set) var unreadable: [Impression] = []

    init(_ impressions: [Impression]) {
        for impression in impressions {
            if let candidates = impression.candidates {
                choices.append(LoggedChoice(impression: impression, candidates: candidates))
            } else if impression.candidateHash == 0 {
                withoutCandidates += 1
            } else {
                unreadable.append(impression)
            }
        }
    }
}

extension ImpressionLog {
    /// Hands over the log page by page, in its order, and holds one page at a time.
    /// - Parameter limit: impressions, at most: who reads twice reads the second time what was there the first.
    /// - Returns: how many impressions there were.
    @discardableResult func forEachPage(
        limit: Int = .max, _ body: (ImpressionPage) async throws(StorageError) -> Void
    ) async throws(StorageError) -> Int {
        var seen = 0
        var offset: Int64 = 0
        while seen < limit {
            let page = try await page(after: offset, limit: min(500, limit - seen))
            if page.impressions.isEmpty { break }
            offset = page.nextOffset
            seen += page.impressions.count
            try await body(ImpressionPage(page.impressions))
        }
        return seen
    }
}
