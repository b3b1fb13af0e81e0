// One version directory: the arrays of a snapshot as .npy files, and the manifest that vouches for them.
import Foundation  // JSON of the manifest, and its bytes.

/// Writes and reads the files of one version.
enum ModelArtifact {
    static let manifestName = "manifest.json"

    /// One array of the artifact: its name, shape and elements.
    private struct ArrayFile {
        let name: String
        let dtype: String
        let shape: [Int]
        let write: (_ path: String) throws(FileFailure) -> DurableFile.Written

        init<Element: NumpyElement>(_ name: String, _ column: Column<Element>, shape: [Int]? = nil) {
            let shape = shape ?? [column.count]
            (self.name, self.shape, dtype) = (name + ".npy", shape, Element.descriptor)
            write = { path throws(FileFailure) in try NumpyFile.write(column, shape: shape, to: path) }
        }
    }

    private static func arrays(of snapshot: ModelSnapshot) -> [ArrayFile] {
        let history = snapshot.history
        func sparse(_ name: String, _ matrix: InteractionMatrix) -> [ArrayFile] {
            [
                ArrayFile(name + "_offsets", matrix.offsets), ArrayFile(name + "_indices", matrix.indices),
                ArrayFile(name + "_values", matrix.values),
            ]
        }
        func names(_ name: String, _ map: IDMap) -> [ArrayFile] {
            [
                ArrayFile(name + "_offsets", map.offsets), ArrayFile(name + "_bytes", map.bytes),
                ArrayFile(name + "_slots", map.slots),
            ]
        }
        func dense(_ name: String, _ matrix: DenseMatrix) -> ArrayFile {
            ArrayFile(name, matrix.elements, shape: [matrix.rows, matrix.columns])
        }
        return [
            dense("user_factors", snapshot.factors.users), dense("item_factors", snapshot.factors.items),
            dense("projection", snapshot.projection.matrix), dense("user_prior", snapshot.userPrior.matrix),
        ]
            + names("user_ids", history.users) + names("item_ids", history.items)
            + sparse("history", history.matrix)
            + [
                ArrayFile("history_counts", history.counts), ArrayFile("history_last_minutes", history.lastMinutes),
                ArrayFile("history_fresh_slow", history.freshness.slow),
                ArrayFile("history_fresh_fast", history.freshness.fast),
                ArrayFile("history_fresh_month", history.freshness.month),
                ArrayFile("item_events", history.itemEvents),
                ArrayFile(
                    "item_decayed_events", history.itemDecayedEvents,
                    shape: [InteractionHistory.popularityHalfLives.count, history.items.count]),
                ArrayFile("item_exposure", history.itemExposure),
                ArrayFile("item_repeat_rate", history.itemRepeatRate),
                ArrayFile("neighbours_together", snapshot.neighbours.together),
                ArrayFile("neighbours_sizes", snapshot.neighbours.sizes),
                dense("segment_lifts", snapshot.segments.matrix),
            ]
            + names("segment_names", snapshot.segments.names) + sparse("user_segments", snapshot.userSegments)
            + sparse("neighbours", snapshot.neighbours.matrix)
            + sparse("regression", snapshot.regression.matrix) + sparse("sequences", snapshot.sequences.matrix)
            + sparse("content_neighbours", snapshot.contentNeighbours.matrix)
            + sparse("features", snapshot.features.matrix)
            + names("feature_names", snapshot.features.vocabulary)
            + [ArrayFile("feature_weights", snapshot.features.weights)]
    }

    /// Writes everything into an existing empty folder; the manifest last.
    /// - Returns: the stamps of the arrays, whose hashes the manifest states.
    @discardableResult
    static func write(_ snapshot: ModelSnapshot, into folder: String) throws -> VerifiedFiles {
        var files: [ModelManifest.File] = []
        var stamps: [String: FileStamp] = [:]
        for array in arrays(of: snapshot) {
            let written = try array.write(folder + "/" + array.name)
            stamps[array.name] = written.stamp
            files.append(
                ModelManifest.File(
                    name: array.name, dtype: array.dtype, shape: array.shape, bytes: written.bytes,
                    sha256: written.sha256))
        }
        let history = snapshot.history
        var manifest = ModelManifest(
            formatVersion: ModelManifest.currentFormat, version: snapshot.version.rawValue,
            createdMilliseconds: snapshot.created.milliseconds,
            data: ModelManifest.DataRange(
                firstMilliseconds: history.firstTime.milliseconds, lastMilliseconds: history.lastTime.milliseconds,
                events: history.eventCount, users: history.users.count, items: history.items.count),
            parameters: ModelManifest.Parameters(
                snapshot.configuration, segments: snapshot.segments.encoder, features: snapshot.features.encoder),
            metrics: snapshot.metrics, judgement: snapshot.judgement.map(ModelManifest.Judgement.init), files: files,
            checksum: "")
        manifest.checksum = checksum(try manifest.encoded())
        let encoded = try manifest.encoded()
        guard encoded.count <= largestManifest else {
            throw CorruptArtifact(
                manifestName, "would be larger than 1 MiB: the catalogue or the customers have too many columns")
        }
        try DurableFile.replace(folder + "/" + manifestName, with: encoded)
        return VerifiedFiles(manifest: manifest.checksum, stamps: stamps)
    }

    private static func checksum(_ data: Data) -> String { Column(Array(data)).withBytes { DurableFile.sha256($0) } }

    /// The manifest alone, verified.
    static func manifest(in folder: String) throws -> ModelManifest {
        let file = try MappedFile(path: folder + "/" + manifestName)
        guard file.count <= largestManifest else { throw CorruptArtifact(manifestName, "is larger than 1 MiB") }
        let data = Data(file.content)
        var manifest: ModelManifest
        do {
            let header = try JSONDecoder().decode(ModelManifest.Header.self, from: data)
            guard header.formatVersion == ModelManifest.currentFormat else {
                throw CorruptArtifact(
                    manifestName,
                    "has format \(header.formatVersion); this program reads \(ModelManifest.currentFormat)")
            }
            manifest = try JSONDecoder().decode(ModelManifest.self, from: data)
        } catch let error as CorruptArtifact {
            throw error
        } catch {
            throw CorruptArtifact(manifestName, "is not a manifest: it is torn, or from another program")
        }
        // The very bytes must be what this manifest encodes to: white space and field order count too.
        guard try manifest.encoded() == data else {
            throw CorruptArtifact(manifestName, "was changed after it was written")
        }
        let stated = manifest.checksum
        manifest.checksum = ""
        guard checksum(try manifest.encoded()) == stated else {
            throw CorruptArtifact(manifestName, "does not match its checksum")
        }
        manifest.checksum = stated
        guard manifest.times.allSatisfy(\.isInCalendar) else {
            throw CorruptArtifact(manifestName, "holds a time outside of the years 1 to 9999")
        }
        return manifest
    }

    static let largestManifest = 1 << 20

    /// The format that a manifest says it has; `nil` when it is none.
    static func format(of folder: String) -> Int? {
        guard let file = try? MappedFile(path: folder + "/" + manifestName), file.count <= largestManifest else {
            return nil
        }
        return try? JSONDecoder().decode(ModelManifest.Header.self, from: Data(file.content)).formatVersion
    }

    /// - Throws: ``CorruptArtifact`` when a file is missing or has another size than the manifest says.
    static func checkSizes(in folder: String) throws {
        for file in try manifest(in: folder).files {
            let found = try MappedFile(path: folder + "/" + file.name).count
            guard found == file.bytes else {
                throw CorruptArtifact(file.name, "has \(found) bytes, the manifest says \(file.bytes)")
            }
        }
    }

    /// Maps, verifies and assembles a version.
    /// - Parameter verified: what was verified before; files that nobody touched since are not hashed again, and their numbers
    ///   not looked at.
    /// - Returns: the snapshot, and what is verified now.
    static func read(
        from folder: String, verified: VerifiedFiles? = nil
    ) throws -> (snapshot: ModelSnapshot, verified: VerifiedFiles) {
        let manifest = try manifest(in: folder)
        let known = verified?.manifest == manifest.checksum ? verified?.stamps ?? [:] : [:]
        var stamps: [String: FileStamp] = [:]
        let files = Dictionary(manifest.files.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })

        func column<Element: NumpyElement>(_ name: String, _ type: Element.Type, rank: Int = 1) throws -> Column<
            Element
        > {
            let name = name + ".npy"
            guard let file = files[name] else { throw CorruptArtifact(manifestName, "does not list \(name)") }
            guard file.dtype == Element.descriptor, file.shape.count == rank else {
                throw CorruptArtifact(name, "should have \(rank) dimensions of \(Element.descriptor)")
            }
            let mapped = try MappedFile(path: folder + "/" + name)
            guard mapped.count == file.bytes else {
                throw CorruptArtifact(name, "has \(mapped.count) bytes, the manifest says \(file.bytes)")
            }
            let isKnown = known[name] == mapped.stamp
            stamps[name] = mapped.stamp
            guard isKnown || mapped.withBytes({ DurableFile.sha256($0) }) == file.sha256 else {
                throw CorruptArtifact(name, "does not match its SHA-256")
            }
            guard let column = NumpyFile.elements(of: type, shape: file.shape, in: mapped) else {
                throw CorruptArtifact(name, "is not an array of \(file.shape) \(Element.descriptor)")
            }
            // Numbers may come from the file page by page. What is used as an index is copied before it is checked: a file whose
            // bytes somebody changes under a running server may then spoil scores, and never lead outside an array. Files of a
            // version are read-only and never written again; one that is cut short while it is mapped ends the process.
            return Element.self == Float.self ? column : column.copied()
        }
        /// Whether every number is finite; those of a file that was verified before were.
        func isFinite(_ name: String, _ values: Column<Float>) -> Bool {
            known[name + ".npy"].map { $0 == stamps[name + ".npy"] } ?? false || values.areFinite
        }
        func dense(_ name: String) throws -> DenseMatrix {
            let elements = try column(name, Float.self, rank: 2)
            let shape = files[name + ".npy"]?.shape ?? [0, 0]
            guard isFinite(name, elements) else {
                throw CorruptArtifact(name + ".npy", "holds numbers that are not finite")
            }
            return DenseMatrix(rows: shape[0], columns: shape[1], elements: elements)
        }
        func sparse(_ name: String, rows: Int, columns: Int) throws -> InteractionMatrix {
            let offsets = try column(name + "_offsets", Int64.self)
            let indices = try column(name + "_indices", Int32.self)
            let values = try column(name + "_values", Float.self)
            guard offsets.count == rows + 1, offsets[0] == 0, offsets[rows] == Int64(indices.count),
                values.count == indices.count, offsets.areAscending, indices.lie(from: 0, below: columns),
                isFinite(name + "_values", values)
            else { throw CorruptArtifact(name, "is not a sparse matrix of \(rows) x \(columns)") }
            return InteractionMatrix(rows: rows, columns: columns, offsets: offsets, indices: indices, values: values)
        }
        func names(_ name: String) throws -> IDMap {
            guard
                let map = IDMap(
                    offsets: try column(name + "_offsets", Int64.self), bytes: try column(name + "_bytes", UInt8.self),
                    slots: try column(name + "_slots", Int32.self))
            else { throw CorruptArtifact(name, "is not an id table") }
            return map
        }
        func floats(_ name: String, count: Int, rank: Int = 1) throws -> Column<Float> {
            let values = try column(name, Float.self, rank: rank)
            guard values.count == count, isFinite(name, values) else {
                throw CorruptArtifact(name, "does not hold \(count) finite numbers")
            }
            return values
        }
        guard let version = ModelVersion(manifest.version) else {
            throw CorruptArtifact(manifestName, "names a version that is none")
        }
        let users = try names("user_ids")
        let items = try names("item_ids")
        let matrix = try sparse("history", rows: users.count, columns: items.count)
        let lastMinutes = try column("history_last_minutes", Int32.self)
        guard lastMinutes.count == matrix.entryCount else {
            throw CorruptArtifact("history_last_minutes.npy", "does not hold \(matrix.entryCount) times")
        }
        let history = InteractionHistory(
            users: users, items: items, matrix: matrix, counts: try floats("history_counts", count: matrix.entryCount),
            lastMinutes: lastMinutes,
            freshness: EntryFreshness(
                slow: try floats("history_fresh_slow", count: matrix.entryCount),
                fast: try floats("history_fresh_fast", count: matrix.entryCount),
                month: try floats("history_fresh_month", count: matrix.entryCount)),
            firstTime: Timestamp(milliseconds: manifest.data.firstMilliseconds),
            lastTime: Timestamp(milliseconds: manifest.data.lastMilliseconds), eventCount: manifest.data.events,
            itemEvents: try floats("item_events", count: items.count),
            itemDecayedEvents: try floats(
                "item_decayed_events", count: InteractionHistory.popularityHalfLives.count * items.count, rank: 2),
            itemRepeatRate: try floats("item_repeat_rate", count: items.count),
            itemExposure: try floats("item_exposure", count: items.count), unknownItems: [])
        let walks = try sparse("neighbours", rows: items.count, columns: items.count)
        let segmentNames = try names("segment_names")
        let lifts = try dense("segment_lifts")
        guard lifts.rows == segmentNames.count else {
            throw CorruptArtifact("segment_lifts.npy", "does not have \(segmentNames.count) rows")
        }
        let vocabulary = try names("feature_names")
        var snapshot = try ModelSnapshot(
            version: version, created: Timestamp(milliseconds: manifest.createdMilliseconds),
            configuration: try manifest.parameters.configuration(), history: history,
            factors: Factors(users: try dense("user_factors"), items: try dense("item_factors")),
            neighbours: ItemNeighbours(
                matrix: walks, together: try floats("neighbours_together", count: walks.entryCount),
                sizes: try floats("neighbours_sizes", count: items.count)),
            regression: ItemRegression(matrix: try sparse("regression", rows: items.count, columns: items.count)),
            sequences: ItemSequences(matrix: try sparse("sequences", rows: items.count, columns: items.count)),
            contentNeighbours: ContentNeighbours(
                matrix: try sparse("content_neighbours", rows: items.count, columns: items.count)),
            segments: SegmentLifts(
                names: segmentNames, matrix: lifts,
                encoder: SegmentEncoder(columns: manifest.parameters.segmentColumns)),
            userSegments: try sparse("user_segments", rows: users.count, columns: segmentNames.count),
            features: ItemFeatures(
                vocabulary: vocabulary, weights: try floats("feature_weights", count: vocabulary.count),
                encoder: try manifest.parameters.featureEncoder(),
                matrix: try sparse("features", rows: items.count, columns: vocabulary.count)),
            projection: ContentProjection(matrix: try dense("projection")),
            userPrior: ContentProjection(matrix: try dense("user_prior")), metrics: manifest.metrics)
        snapshot.judgement = manifest.judgement?.judgement
        return (snapshot, VerifiedFiles(manifest: manifest.checksum, stamps: stamps))
    }
}

/// Which file of an artifact is wrong, and how.
struct CorruptArtifact: Error, CustomStringConvertible {
    let description: String
    init(_ file: String, _ problem: String) { description = "\(file) \(problem)" }
}
