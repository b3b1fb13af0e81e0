// The map of one version while it is drawn, and afterwards.
import Synchronization

/// How far a map is.
public enum MapState: Sendable {
    /// Share done, and what is being done.
    case drawing(done: Double, step: String)
    /// The map is whole.
    case drawn(MapPoints)
}

/// The points of a map.
public struct MapPoints: Sendable {
    let map: CatalogueMap
    /// Tells this map from others: those of other models, and those of servers that drew other items.
    public let id: String
    /// Place of each point's department among ``departmentNames``; 255 = none of them.
    public let departments: [UInt8]
    /// Most items first.
    public let departmentNames: [String]

    /// How many points there are: items that the model has learned.
    public var count: Int { map.rows.count }
    /// 0...1.
    public var x: [Float] { map.x }
    /// 0...1, beside ``x``.
    public var y: [Float] { map.y }
}

extension CatalogueMap {
    /// Number of the point of an item row. - Complexity: O(log points).
    func number(of row: Int) -> Int? {
        var (low, high) = (0, rows.count)
        while low < high {
            let middle = (low + high) / 2
            if Int(rows[middle]) < row { low = middle + 1 } else { high = middle }
        }
        return low < rows.count && Int(rows[low]) == row ? low : nil
    }

    /// Item row of a point.
    func row(of number: Int) -> Int? { rows.indices.contains(number) ? Int(rows[number]) : nil }
}

/// A map and its name.
struct DrawnMap: Sendable {
    let map: CatalogueMap
    let id: String

    /// - Complexity: O(points).
    init(_ map: CatalogueMap, version: ModelVersion) {
        var hash = FNV1a()
        for row in map.rows { hash.add(UInt64(row)) }
        (self.map, id) = (map, "\(version)-" + String(hash.value, radix: 36))
    }
}

/// Draws on one thread, so that requests find the others free.
final class MapDrawing: Sendable {
    private struct State {
        var done = 0.0
        var step = "waiting"
        var drawn: DrawnMap?
        var isCancelled = false
        var task: Task<Void, Never>?
        /// The departments of the points, of a state of the catalogue.
        var coloured: (state: CatalogueBrowser.CatalogueState, points: MapPoints)?
    }
    let version: ModelVersion
    private let state = Mutex(State())

    init(version: ModelVersion) { self.version = version }

    /// An item without factors, of which nothing is known, has no place.
    func begin(_ model: RecommendationEngine.ServedModel) {
        let task = Task {
            await HeavyWork.run { [self] in
                let map = Parallel.$isSerial.withValue(true) {
                    CatalogueMap.draw(
                        model.snapshot.factors.items,
                        isPlaced: { model.snapshot.itemScale[$0] > 0 && !model.closed.contains($0) },
                        progress: { step, done in
                            state.withLock { ($0.step, $0.done) = ("\(step)", done) }
                        }, isCancelled: { state.withLock { $0.isCancelled } })
                }
                let drawn = map.map { DrawnMap($0, version: version) }
                state.withLock { $0.drawn = drawn }
            }
        }
        state.withLock { $0.task = task }
    }

    /// Waits for the end of the drawing.
    func finish() async { await state.withLock { $0.task }?.value }

    func cancel() { state.withLock { $0.isCancelled = true } }

    func points(of version: ModelVersion) -> DrawnMap? {
        version == self.version ? state.withLock { $0.drawn } : nil
    }

    /// - Complexity: O(points) when the catalogue changed.
    func state(_ model: RecommendationEngine.ServedModel, _ roles: CatalogueRoles) -> MapState {
        let found = state.withLock { $0 }
        guard let drawn = found.drawn else { return .drawing(done: found.done, step: found.step) }
        let current = CatalogueBrowser.CatalogueState(model)
        if let coloured = found.coloured, coloured.state == current { return .drawn(coloured.points) }
        let names = model.departments(roles).map(\.value)
        let places = Dictionary(uniqueKeysWithValues: names.enumerated().map { ($1, UInt8($0)) })
        let departments = drawn.map.rows.map { row in
            roles.department.flatMap { model.attributes.value($0, of: Int(row)) }.flatMap { places[$0] } ?? 255
        }
        let points = MapPoints(map: drawn.map, id: drawn.id, departments: departments, departmentNames: names)
        state.withLock { $0.coloured = (current, points) }
        return .drawn(points)
    }
}
