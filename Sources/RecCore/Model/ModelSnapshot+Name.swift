// A model under another name.

extension ModelSnapshot {
    /// The same model as a version of its own, such as one that was trained to be judged and shall be served.
    /// - Parameters:
    ///   - version: its own name.
    ///   - created: when it was made.
    ///   - metrics: figures by name, in place of those that it has.
    ///   - judgement: how models of its settings did; `nil` = they were not judged.
    public func named(
        _ version: ModelVersion, created: Timestamp, metrics: [String: Double], judgement: ModelJudgement?
    ) -> ModelSnapshot {
        var copy = self
        (copy.version, copy.created, copy.metrics, copy.judgement) = (version, created, metrics, judgement)
        return copy
    }
}
