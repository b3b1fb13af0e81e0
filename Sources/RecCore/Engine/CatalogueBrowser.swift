// Looking around in what is served: customers, items, words, neighbours and the map; for pages that show a shop to people.

/// Reads the model in service and the catalogue as it knows it. What takes long to prepare (the text index, the map) is made
/// once for a version, on a thread of its own, when somebody asks for it first.
public actor CatalogueBrowser {
    let engine: RecommendationEngine
    private var overview: (state: CatalogueState, overview: ShopOverview)?
    private var looking: (state: CatalogueState, task: Task<ShopOverview, Never>)?
    private var roles: (state: CatalogueState, roles: CatalogueRoles)?
    private var text: (state: CatalogueState, index: TextIndex, made: Timestamp)?
    private var indexing: Task<Void, Never>?
    private var map: MapDrawing?

    /// A browser of what this engine serves; it reads nothing before it is asked.
    public init(engine: RecommendationEngine) { self.engine = engine }

    /// What a derived structure was made of.
    struct CatalogueState: Hashable {
        let version: ModelVersion
        let cursor: CatalogCursor
        init(_ model: RecommendationEngine.ServedModel) {
            (version, cursor) = (model.snapshot.version, model.cursor)
        }
    }

    private func served() throws(RecommendationError) -> RecommendationEngine.ServedModel {
        guard let model = engine.served.withLock({ $0.current }) else { throw .noModel }
        return model
    }

    private func roles(of model: RecommendationEngine.ServedModel) -> CatalogueRoles {
        let state = CatalogueState(model)
        if let roles, roles.state == state { return roles.roles }
        let found = CatalogueRoles(model.attributes)
        roles = (state, found)
        return found
    }
}

// MARK: - The shop as a whole

extension CatalogueBrowser {
    /// Sizes, examples of customers, and what a newcomer may say of himself.
    /// - Throws: ``RecommendationError/noModel``.
    /// - Complexity: O(users + events) once for a version, O(items) once for each state of the catalogue.
    public func shop() async throws(RecommendationError) -> ShopOverview {
        let model = try served()
        let roles = roles(of: model)
        let state = CatalogueState(model)
        if let overview, overview.state == state { return overview.overview }
        // One look for all who wait.
        if let looking, looking.state == state { return await looking.task.value }
        let known = overview.flatMap { $0.state.version == state.version ? $0.overview.examples : nil }
        let task = Task { await HeavyWork.run { ShopOverview(model, roles, examples: known) } }
        looking = (state, task)
        let made = await task.value
        overview = (state, made)
        if looking?.state == state { looking = nil }
        return made
    }

    /// A customer as the model knows it: what was taken, the newest first.
    /// - Parameters:
    ///   - id: the customer's name.
    ///   - limit: items at most.
    /// - Complexity: O(items of the customer).
    public func customer(_ id: UserID, limit: Int) async throws -> CustomerView {
        let model = try served()
        let roles = roles(of: model)
        let attributes = try await engine.profile(of: id)?.attributes ?? [:]
        guard let row = model.snapshot.history.users.row(of: id.rawValue) else {
            return CustomerView(id: id, events: 0, isKnown: false, attributes: attributes, taken: [])
        }
        let past = model.snapshot.history.past(of: row)
        let newest = past.sorted { ($1.lastMinutes, $0.item) < ($0.lastMinutes, $1.item) }.prefix(limit)
        return CustomerView(
            id: id, events: Int(past.reduce(0) { $0 + $1.count }), isKnown: true, attributes: attributes,
            taken: newest.map {
                CustomerView.Taken(
                    item: model.card(Int($0.item), roles), times: Int($0.count),
                    last: Timestamp(milliseconds: Int64($0.lastMinutes) * 60_000))
            })
    }

    /// Customers whose id begins so: the one of that very name, and those that the directory has, in order of their ids.
    /// - Complexity: O(limit), however many customers there are.
    public func customers(beginning prefix: String, limit: Int) async throws -> [CustomerExample] {
        let model = try served()
        let history = model.snapshot.history
        var found: [String] = []
        if history.users.row(of: prefix) != nil { found.append(prefix) }
        for profile in try await engine.profiles(after: UserID(prefix), limit: limit)
        where profile.id.rawValue.hasPrefix(prefix) { found.append(profile.id.rawValue) }
        return found.prefix(limit).map { id in
            history.users.row(of: id).map { CustomerExample(row: $0, history) }
                ?? CustomerExample(id: UserID(id), events: 0, last: nil)
        }
    }
}

// MARK: - Items

extension CatalogueBrowser {
    /// Those of the items that the model knows, in the order asked for.
    public func cards(_ ids: [ItemID]) throws(RecommendationError) -> [ItemCard] {
        let model = try served()
        let roles = roles(of: model)
        return ids.compactMap { id in
            model.snapshot.history.items.row(of: id.rawValue).map { model.card($0, roles) }
        }
    }

    /// All that is known of an item; `nil` = nothing.
    public func item(_ id: ItemID) throws(RecommendationError) -> ItemView? {
        let model = try served()
        guard let row = model.snapshot.history.items.row(of: id.rawValue) else { return nil }
        return ItemView(
            card: model.card(row, roles(of: model)), attributes: model.attributes.attributes(of: row),
            events: Int(model.snapshot.history.itemEvents[row]), isHidden: model.closed.contains(row))
    }

    /// The items nearest by taste (cosine of factors) and by content (cosine of features); `nil` = the item is not known.
    /// - Complexity: O(items * d + entries of features).
    public func surroundings(of id: ItemID, limit: Int) async throws(RecommendationError) -> ItemSurroundings? {
        let model = try served()
        let roles = roles(of: model)
        guard let row = model.snapshot.history.items.row(of: id.rawValue) else { return nil }
        let drawn = map?.points(of: model.snapshot.version)
        let point = drawn?.map.number(of: row)
        return await HeavyWork.run {
            let isOpen = { @Sendable (other: Int) in other != row && !model.closed.contains(other) }
            let factors = model.snapshot.factors.items
            var direction = factors[row: row].map { $0 * model.snapshot.itemScale[row] }
            let isPlaced = direction.contains { $0 != 0 }
            if !isPlaced { direction = [] }
            let taste =
                isPlaced
                ? model.snapshot.cosines.largest(limit, query: direction, in: factors, where: isOpen) : []
            let content = model.snapshot.features.alike(row, count: limit, where: isOpen)
            func named(_ rows: [ScoredRow]) -> [ItemSurroundings.Neighbour] {
                rows.map { .init(item: model.card($0.row, roles), score: Double($0.score)) }
            }
            return ItemSurroundings(
                taste: named(taste), content: named(content), isPlaced: isPlaced, point: point, map: drawn?.id)
        }
    }

    /// Milliseconds in which a changed catalogue is searched as it was, so that a stream of changes does not keep a processor
    /// busy. Whoever searches after them begins a new index, and finds what the old one has.
    private static let patience: Int64 = 10_000

    /// Items by words: all of them where items have all, the last one as the beginning of a word.
    /// - Complexity: the index is made once for a state of the catalogue, O(text); a search O(items with the words).
    public func search(_ words: String, limit: Int, now: Timestamp) async throws(RecommendationError) -> ItemsFound {
        let model = try served()
        let roles = roles(of: model)
        let index = await index(of: model, roles, now: now)
        return await HeavyWork.run {
            let found = index.search(words, limit: limit) { $0 < model.closed.count && !model.closed.contains($0) }
            return ItemsFound(
                items: found.rows.map { model.card($0.row, roles) }, total: found.total, terms: found.terms)
        }
    }

    /// Makes the index of the version in service, where there is none yet, so that the first search need not wait for it.
    public func prepareSearch(now: Timestamp) {
        guard let model = try? served(), indexing == nil, text?.state.version != model.snapshot.version else { return }
        indexing = making(CatalogueState(model), model, roles(of: model), now: now)
    }

    private func making(
        _ state: CatalogueState, _ model: RecommendationEngine.ServedModel, _ roles: CatalogueRoles, now: Timestamp
    ) -> Task<Void, Never> {
        Task {
            let index = await HeavyWork.run { model.textIndex(roles) }
            (indexing, text) = (nil, (state, index, now))
        }
    }

    private func index(
        of model: RecommendationEngine.ServedModel, _ roles: CatalogueRoles, now: Timestamp
    ) async -> TextIndex {
        let state = CatalogueState(model)
        while true {
            // One of the same version is searched as long as there is none that knows more.
            let known = text.flatMap { $0.state.version == state.version ? $0 : nil }
            if let known, known.state == state || now.milliseconds - known.made.milliseconds < Self.patience {
                return known.index
            }
            let task = indexing ?? making(state, model, roles, now: now)
            indexing = task
            if let known { return known.index }
            await task.value
        }
    }
}

// MARK: - The map

extension CatalogueBrowser {
    /// The map of the version in service, or how far it is: the first call begins to draw.
    public func drawnMap() throws(RecommendationError) -> MapState {
        let model = try served()
        let version = model.snapshot.version
        if let map, map.version == version { return map.state(model, roles(of: model)) }
        map?.cancel()
        let drawing = MapDrawing(version: version)
        map = drawing
        drawing.begin(model)
        return drawing.state(model, roles(of: model))
    }

    /// Waits until what is being prepared is there: the index of the text, the map.
    public func prepared() async {
        await indexing?.value
        await map?.finish()
    }

    /// The items at some points of a map; `nil` for a number that it does not have. `nil` altogether = the map is not the one that
    /// is drawn now.
    public func items(atPoints numbers: [Int], ofMap id: String) throws(RecommendationError) -> [ItemCard?]? {
        let model = try served()
        let roles = roles(of: model)
        guard let drawn = map?.points(of: model.snapshot.version), drawn.id == id else { return nil }
        return numbers.map { number in drawn.map.row(of: number).map { model.card($0, roles) } }
    }
}

extension RecommendationEngine.ServedModel {
    /// The words of every item: its name and kind count for more than what is said of it.
    fileprivate func textIndex(_ roles: CatalogueRoles) -> TextIndex {
        let telling = Set([roles.type, roles.colour, roles.department, roles.pattern].compactMap { $0 })
        return TextIndex.build(count: snapshot.history.items.count) { row in
            let name = snapshot.history.items.name(of: row)
            let own = attributes.attributes(of: row).sorted { $0.key < $1.key }
            return [(name, 4)]
                + own.map { column, value in
                    (value, column == roles.name ? 3 : telling.contains(column) ? 2 : 1)
                }
        }
    }
}
