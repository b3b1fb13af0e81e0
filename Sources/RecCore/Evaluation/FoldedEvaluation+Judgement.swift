// An evaluation in the short form that is kept with a model.

extension FoldedEvaluation {
    /// MAP@12 of the model and the baselines in each window.
    /// - Parameter days: of each window, as they were asked for.
    public func judgement(days: Double) -> ModelJudgement {
        ModelJudgement(
            days: days,
            windows: folds.reversed().map { fold in
                ModelJudgement.Window(
                    first: fold.cut, last: fold.last, users: fold.users,
                    rows: fold.rows.map { row in
                        let value = row.metrics["MAP@12"] ?? 0
                        let interval = row.intervals["MAP@12"]
                        return ModelJudgement.Row(
                            name: row.name, map12: value, low: interval?.low ?? value, high: interval?.high ?? value)
                    })
            })
    }
}
