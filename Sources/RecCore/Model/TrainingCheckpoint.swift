// What a training run that was killed need not do again: the settings it chose, and the last finished sweep.
import Foundation  // JSON of the state, and its bytes.

/// A folder that a training run keeps its state in. Every state stands under a digest of all that it follows from (events,
/// settings, stage), so another run's state is never taken up, and a half-written one is none.
///
/// A run that goes on from its state gives the same model, byte by byte, as one that was never stopped.
public struct TrainingCheckpoint: Sendable {
    private let folder: String
    /// Entries of the matrix from which sweeps are kept: below, a sweep costs less than writing it down.
    static let leastEntries = 5_000_000

    /// - Parameter folder: its path; it is made when there is something to keep.
    public init(folder: String) { self.folder = folder }

    /// What was chosen on the validation windows.
    private struct Chosen: Codable {
        let digest: String
        let parameters: ModelManifest.Parameters
        let metrics: [String: Double]
    }

    /// Factors after a sweep; their files stand beside it.
    private struct Sweep: Codable {
        let digest: String
        let sweep: Int
        let users: [Int]
        let items: [Int]
        let hashes: [String]
    }

    private var chosenPath: String { folder + "/chosen.json" }
    private var sweepPath: String { folder + "/sweep.json" }
    private func arrayPath(_ side: String, _ sweep: Int) -> String { "\(folder)/\(side)-\(sweep).npy" }

    // MARK: - Settings

    func keep(_ configuration: ModelConfiguration, _ metrics: [String: Double], digest: String) -> String? {
        written("settings") {
            let none = ModelManifest.Parameters(
                configuration, segments: SegmentEncoder(columns: [:]), features: FeatureEncoder(columns: [:]))
            try put(Chosen(digest: digest, parameters: none, metrics: metrics), at: chosenPath)
        }
    }

    func chosen(digest: String) -> (configuration: ModelConfiguration, metrics: [String: Double])? {
        guard let state = get(Chosen.self, at: chosenPath), state.digest == digest,
            var configuration = try? state.parameters.configuration()
        else { return nil }
        // The solver is a way and not a setting: the manifest does not hold it.
        configuration.als.solver = nil
        return (configuration, state.metrics)
    }

    // MARK: - Sweeps

    func keep(_ factors: Factors, sweep: Int, digest: String) -> String? {
        written("sweep \(sweep)") {
            try DurableFile.makeFolder(folder)
            var hashes: [String] = []
            for (side, matrix) in [("users", factors.users), ("items", factors.items)] {
                let path = arrayPath(side, sweep)
                DurableFile.remove(path)
                let written = try NumpyFile.write(matrix.elements, shape: [matrix.rows, matrix.columns], to: path)
                hashes.append(written.sha256)
            }
            let before = get(Sweep.self, at: sweepPath)
            try put(
                Sweep(
                    digest: digest, sweep: sweep, users: [factors.users.rows, factors.users.columns],
                    items: [factors.items.rows, factors.items.columns], hashes: hashes), at: sweepPath)
            if let before, before.sweep != sweep { removeArrays(before.sweep) }
        }
    }

    func sweep(digest: String) -> (sweep: Int, factors: Factors)? {
        guard let state = get(Sweep.self, at: sweepPath), state.digest == digest, state.users.count == 2,
            state.items.count == 2, state.hashes.count == 2,
            let users = matrix("users", state.sweep, state.users, state.hashes[0]),
            let items = matrix("items", state.sweep, state.items, state.hashes[1])
        else { return nil }
        return (state.sweep, Factors(users: users, items: items))
    }

    private func matrix(_ side: String, _ sweep: Int, _ shape: [Int], _ hash: String) -> DenseMatrix? {
        guard let file = try? MappedFile(path: arrayPath(side, sweep)), file.withBytes(DurableFile.sha256) == hash,
            let elements = NumpyFile.elements(of: Float.self, shape: shape, in: file)
        else { return nil }
        return DenseMatrix(rows: shape[0], columns: shape[1], elements: elements)
    }

    /// The same matrix in a file of this folder that loses its name at once: its pages take memory only while they are read, and
    /// the space is free again when the matrix is gone, whatever ends the process. `nil` when there is no room for it.
    func aside(_ matrix: DenseMatrix) -> DenseMatrix? {
        let path = folder + "/aside.npy"
        DurableFile.remove(path)
        defer { DurableFile.remove(path) }
        let shape = [matrix.rows, matrix.columns]
        let made: ()? = try? DurableFile.makeFolder(folder)
        guard made != nil, (try? NumpyFile.write(matrix.elements, shape: shape, to: path)) != nil,
            let file = try? MappedFile(path: path),
            let elements = NumpyFile.elements(of: Float.self, shape: shape, in: file)
        else { return nil }
        return DenseMatrix(rows: shape[0], columns: shape[1], elements: elements)
    }

    /// Forgets everything, when the model is published.
    public func remove() {
        if let state = get(Sweep.self, at: sweepPath) { removeArrays(state.sweep) }
        // Its own files only: the folder may be anyone's.
        for name in ["chosen.json", "sweep.json"] {
            DurableFile.remove(folder + "/" + name)
            DurableFile.remove(folder + "/.new-" + name)
        }
        rmdir(folder)
    }

    private func removeArrays(_ sweep: Int) {
        for side in ["users", "items"] { DurableFile.remove(arrayPath(side, sweep)) }
    }

    // MARK: - Files

    private func put(_ state: some Encodable, at path: String) throws {
        try DurableFile.makeFolder(folder)
        try DurableFile.replace(path, with: try JSONEncoder().encode(state))
    }

    private func get<State: Decodable>(_ type: State.Type, at path: String) -> State? {
        guard let file = try? MappedFile(path: path) else { return nil }
        return try? JSONDecoder().decode(type, from: Data(file.content))
    }

    /// - Returns: why it could not be written; the training goes on without.
    private func written(_ what: String, _ body: () throws -> Void) -> String? {
        do {
            try body()
            return nil
        } catch {
            return "the \(what) cannot be kept in \(folder) (\(error)); a run that is killed now begins anew"
        }
    }
}
