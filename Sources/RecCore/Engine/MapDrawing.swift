// The map of one version while it is drawn, and afterwards.
import Synchronization

/// How far a map is.
public enum MapState: Sendable {
    /// Share done, and what is being done.
    case drawing(done: Double, step: String)
    case drawn(MapPoints)
}

/// The points of a map.
public struct MapPoints: Sendable {
    let map: CatalogueMap
    /// Place of each point's department among those of ``ShopOverview``; 255 = none of them.
    public let departments: [UInt8]

    public var count: Int { map.rows.count }
    /// 0...1.
    public var x: [Float] { map.x }
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

/// Draws on a thread of its own.
final class MapDrawing: Sendable {
    private struct State {
        var done = 0.0
        var step = "waiting"
        var map: CatalogueMap?
        var isCancelled = false
        /// The departments of the points, of a state of the catalogue.
        var coloured: (state: CatalogueBrowser.CatalogueState, departments: [UInt8])?
    }
    let version: ModelVersion
    private let state = Mutex(State())

    init(version: ModelVersion) { self.version = version }

    /// An item without factors, of which nothing is known, has no place.
    func begin(_ model: RecommendationEngine.ServedModel) {
        Task {
            await HeavyWork.run { [self] in
                let drawn = CatalogueMap.draw(
                    model.snapshot.factors.items,
                    isPlaced: { model.snapshot.itemScale[$0] > 0 && !model.closed.contains($0) },
                    progress: { step, done in
                        state.withLock { ($0.step, $0.done) = ("\(step)", done) }
                    }, isCancelled: { state.withLock { $0.isCancelled } })
                state.withLock { $0.map = drawn }
            }
        }
    }

    func cancel() { state.withLock { $0.isCancelled = true } }

    func points(of version: ModelVersion) -> CatalogueMap? {
        version == self.version ? state.withLock { $0.map } : nil
    }

    /// - Complexity: O(points) when the catalogue changed.
    func state(_ model: RecommendationEngine.ServedModel, _ roles: CatalogueRoles) -> MapState {
        let found = state.withLock { $0 }
        guard let map = found.map else { return .drawing(done: found.done, step: found.step) }
        let current = CatalogueBrowser.CatalogueState(model)
        if let coloured = found.coloured, coloured.state == current {
            return .drawn(MapPoints(map: map, departments: coloured.departments))
        }
        let places = Dictionary(
            uniqueKeysWithValues: model.departments(roles).enumerated().map { ($1.value, UInt8($0)) })
        let departments = map.rows.map { row in
            roles.department.flatMap { model.attributes.value($0, of: Int(row)) }.flatMap { places[$0] } ?? 255
        }
        state.withLock { $0.coloured = (current, departments) }
        return .drawn(MapPoints(map: map, departments: departments))
    }
}
