// How the served model follows the model store and the catalogue.

extension RecommendationEngine {
    /// Changes of the catalogue that are read, and taken into the served model, at once. A bulk load is recommendable page by page.
    static let changesAtOnce = 2_000

    /// Times that ``reload()`` reads the catalogue to catch up with the version that it replaces.
    static let mostRounds = 100

    /// Loads the store's current version if it is not the served one, with all that the catalogue told until now: nothing that
    /// ``refreshCatalogue()`` brought is lost by a reload. A version that fails to load leaves the served one in place, and so
    /// does a catalogue that cannot be read.
    /// - Returns: the version served afterwards; `nil` when nothing was published.
    @discardableResult
    public func reload() async throws(StorageError) -> ModelVersion? {
        while true {
            let replaced = modelVersion
            guard let version = try await models.current() else { return modelVersion }
            if version == replaced { return version }
            var model = ServedModel(try await models.load(version))
            // The catalogue goes on while a version is loaded and while the old one is refreshed. So the new one is swapped in
            // only when it knows at least as much; and only in the place of the version that it was to replace.
            var outcome: Swap
            var rounds = 0
            repeat {
                model = try await caughtUp(model)
                let candidate = model
                // A catalogue that was set back, such as one restored from a copy, never reaches the old place again.
                let mayBeBehind = rounds < Self.mostRounds
                rounds += 1
                outcome = served.withLock { served in
                    if served?.snapshot.version != replaced { return .overtaken }
                    if mayBeBehind, let served, served.cursor > candidate.cursor { return .behind }
                    served = candidate
                    return .done
                }
            } while outcome == .behind
            if outcome == .done { return version }
        }
    }

    /// The served model with all that the catalogue told, and the rows of items that may not be shown; `nil` before the first
    /// ``reload()``.
    public var inService: (snapshot: ModelSnapshot, closed: Set<Int>)? {
        served.withLock { $0.map { ($0.snapshot, $0.hidden) } }
    }

    private enum Swap { case done, behind, overtaken }

    /// Takes what the catalogue tells since the last time into the served model: items that were added are recommendable in the next
    /// answer, hidden and removed ones are not, and items without events stand where their new attributes put them.
    ///
    /// Call it several times a second: when nothing changed it costs one indexed query. It may run at the same time as itself and as
    /// ``reload()``; neither undoes what the other brought.
    /// - Returns: how many changes were read.
    /// - Throws: the catalogue's error, or `.rejected` when the changes cannot be computed. The served model then stays as it
    ///   was, and the next call begins at the same place.
    @discardableResult
    public func refreshCatalogue() async throws(StorageError) -> Int {
        var count = 0
        while !Task.isCancelled, let model = served.withLock({ $0 }) {
            let page = try await catalog.changes(after: model.cursor, limit: Self.changesAtOnce)
            if page.changes.isEmpty { break }
            let next = try await applied(page.changes, to: model, cursor: page.cursor)
            let isSwapped = served.withLock { served in
                guard let now = served, now.snapshot.version == model.snapshot.version, now.cursor == model.cursor
                else {
                    return false
                }
                served = next
                return true
            }
            if isSwapped { count += page.changes.count }
        }
        return count
    }

    /// The model with everything that the catalogue tells behind its cursor, computed once for all pages.
    private func caughtUp(_ model: ServedModel) async throws(StorageError) -> ServedModel {
        var cursor = model.cursor
        var news: [CatalogChange] = []
        var named: Set<ItemID> = []
        while true {
            let page = try await catalog.changes(after: cursor, limit: Self.changesAtOnce)
            if page.changes.isEmpty { break }
            cursor = page.cursor
            // Of a large catalogue most is as it was at training; only the rest is kept.
            let seen = named
            let kept = await HeavyWork.run { page.changes.filter { seen.contains($0.id) || model.isNews($0) } }
            news += kept
            named.formUnion(kept.map(\.id))
        }
        return cursor == model.cursor ? model : try await applied(news, to: model, cursor: cursor)
    }

    private func applied(
        _ changes: [CatalogChange], to model: ServedModel, cursor: CatalogCursor
    ) async throws(StorageError) -> ServedModel {
        do throws(TrainingError) {
            return try await HeavyWork.run { () throws(TrainingError) in
                try model.applying(changes, cursor: cursor)
            }
        } catch {
            throw StorageError(.rejected, operation: "catalog.apply", reason: error.description)
        }
    }
}
