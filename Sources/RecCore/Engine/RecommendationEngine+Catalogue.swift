// How the models in service follow the catalogue.

extension RecommendationEngine {
    /// Changes of the catalogue that are read, and taken into a model, at once. A bulk load is recommendable page by page.
    static let changesAtOnce = 2_000

    /// Times that a version reads the catalogue to catch up with those in service.
    static let mostRounds = 100

    /// Takes what the catalogue tells since the last time into the models in service: items that were added are recommendable in the next
    /// answer, hidden and removed ones are not, and items without events stand where their new attributes put them.
    ///
    /// Call it several times a second: when nothing changed it costs one indexed query a model. It may run at the same time as itself
    /// and as ``reload()``; neither undoes what the other brought.
    /// - Returns: how many changes were read for the current model.
    /// - Throws: the catalogue's error, or `.rejected` when the changes cannot be computed. The models then stay as they
    ///   were, and the next call begins at the same place.
    @discardableResult
    public func refreshCatalogue() async throws(StorageError) -> Int {
        var count = 0
        var failure: StorageError?
        let (current, versions) = served.withLock { ($0.currentVersion, $0.models.keys.sorted()) }
        for version in versions {
            do {
                let changes = try await refresh(version)
                if version == current { count = changes }
            } catch {
                // One model that cannot follow does not keep the others.
                failure = failure ?? error
            }
        }
        if let failure { throw failure }
        return count
    }

    private func refresh(_ version: ModelVersion) async throws(StorageError) -> Int {
        var count = 0
        while !Task.isCancelled, let model = served.withLock({ $0.models[version] }) {
            let page = try await catalog.changes(after: model.cursor, limit: Self.changesAtOnce)
            if page.changes.isEmpty { break }
            let next = try await applied(page.changes, to: model, cursor: page.cursor)
            let isSwapped = served.withLock { served in
                guard served.models[version]?.cursor == model.cursor else { return false }
                served.models[version] = next
                return true
            }
            if isSwapped { count += page.changes.count }
        }
        return count
    }

    /// The model with everything that the catalogue tells behind its cursor, computed once for all pages.
    func caughtUp(_ model: ServedModel) async throws(StorageError) -> ServedModel {
        var model = model
        var news: [CatalogChange] = []
        var named: Set<ItemID> = []
        while true {
            let page = try await catalog.changes(after: model.cursor, limit: Self.changesAtOnce)
            if page.changes.isEmpty { break }
            let (seen, base) = (named, model)
            // Of a large catalogue most is as it was at training: its attributes are taken at once, and only the rest is kept.
            let (next, kept) = await HeavyWork.run {
                (
                    base.describing(page.changes, cursor: page.cursor),
                    page.changes.filter { seen.contains($0.id) || base.isNews($0) }
                )
            }
            model = next
            news += kept
            named.formUnion(kept.map(\.id))
        }
        return try await computed { [model, news] () throws(TrainingError) in try model.growing(news) }
    }

    private func applied(
        _ changes: [CatalogChange], to model: ServedModel, cursor: CatalogCursor
    ) async throws(StorageError) -> ServedModel {
        try await computed { () throws(TrainingError) in try model.applying(changes, cursor: cursor) }
    }

    private func computed(
        _ body: @escaping @Sendable () throws(TrainingError) -> ServedModel
    ) async throws(StorageError) -> ServedModel {
        do throws(TrainingError) {
            return try await HeavyWork.run(body)
        } catch {
            throw StorageError(.rejected, operation: "catalog.apply", reason: error.description)
        }
    }
}
