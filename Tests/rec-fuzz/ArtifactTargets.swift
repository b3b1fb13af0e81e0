// Files of a model: arrays and manifests that somebody else wrote, with checksums that fit them.
import Foundation
import RecTesting

@testable import RecCore

/// A small published model, of which one file is replaced by the fuzzer's bytes and the checksums made right: what is tested is
/// what stands behind them. A model that is taken must rank.
final class SmallArtifact {
    private let folder: String
    let manifest: ModelManifest

    init() throws {
        let snapshot = try PlantedShop(users: 12, items: 8, days: 6).snapshot("v1")
        folder = scratchFolder
        try ModelArtifact.write(snapshot, into: folder)
        manifest = try ModelArtifact.manifest(in: folder)
    }

    /// Reads the model with another manifest, and with another array in the place of one of its files.
    func read(_ manifest: ModelManifest, replacing array: (name: String, bytes: [UInt8])? = nil) throws {
        if let array { put(array.bytes, at: array.name) }
        defer {
            if let array, let old = original[array.name] { put(old, at: array.name) }
        }
        var manifest = manifest
        manifest.checksum = ""
        manifest.checksum = Column([UInt8](try manifest.encoded())).withBytes { DurableFile.sha256($0) }
        put([UInt8](try manifest.encoded()), at: ModelArtifact.manifestName)
        let snapshot = try ModelArtifact.read(from: folder).snapshot
        for row in [0, snapshot.history.users.count - 1, -1] {
            let ranked = snapshot.ranking(
                for: snapshot.evidence(ofRow: row), limit: 5, withPast: true, isEligible: { _ in true })
            require(ranked.count <= 5, "\(ranked.count) items where 5 were asked for")
        }
    }

    /// The arrays as they were, by name.
    private lazy var original: [String: [UInt8]] = {
        var bytes: [String: [UInt8]] = [:]
        for file in manifest.files {
            bytes[file.name] = FileManager.default.contents(atPath: folder + "/" + file.name).map { [UInt8]($0) }
        }
        return bytes
    }()

    /// First inputs: the manifest, and of each kind of array one whole file and one's elements.
    func writeSeeds(to corpus: String) throws {
        func seed(_ target: String, _ name: String, _ bytes: [UInt8]) throws {
            let folder = "\(corpus)/\(target)"
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            try Data(bytes).write(to: URL(fileURLWithPath: "\(folder)/\(name)"))
        }
        try seed("manifest", "valid", [UInt8](try manifest.encoded()))
        for (place, file) in manifest.files.enumerated() where place % 6 == 0 || file.name.hasPrefix("item_ids") {
            guard let whole = original[file.name] else { continue }
            try seed("npy", "file-\(place)", [UInt8(place), 0] + whole)
            try seed("npy", "elements-\(place)", [UInt8(place), 1] + whole.dropFirst(128))
        }
    }

    private func put(_ bytes: [UInt8], at name: String) {
        _ = original
        let path = folder + "/" + name
        unlink(path)
        must { try Data(bytes).write(to: URL(fileURLWithPath: path)) }
    }
}

/// The first byte chooses the array, the rest is its file; size, hash and, by the second byte, the shape are made to fit.
struct NumpyTarget: FuzzTarget {
    private let artifact: SmallArtifact
    init() throws { artifact = try SmallArtifact() }

    func run(_ bytes: [UInt8]) throws {
        guard bytes.count >= 2 else { return }
        let files = artifact.manifest.files
        let place = Int(bytes[0]) % files.count
        let old = files[place]
        let content = Array(bytes.dropFirst(2))
        // With an odd second byte only the elements are the fuzzer's, behind the header that belongs there.
        let width = old.dtype.hasSuffix("1") ? 1 : old.dtype.hasSuffix("8") ? 8 : 4
        var shape = old.shape
        var file = content
        if bytes[1] & 1 == 1 {
            let count = content.count / width
            shape = shape.count == 1 ? [count] : [shape[0], count / max(1, shape[0])]
            let whole = shape.reduce(width, *)
            let header: [UInt8]
            switch old.dtype {
            case "<f4": header = NumpyFile.header(of: Float.self, shape: shape)
            case "<i4": header = NumpyFile.header(of: Int32.self, shape: shape)
            case "<i8": header = NumpyFile.header(of: Int64.self, shape: shape)
            default: header = NumpyFile.header(of: UInt8.self, shape: shape)
            }
            file = header + content.prefix(whole)
        }
        var list = files
        list[place] = ModelManifest.File(
            name: old.name, dtype: old.dtype, shape: shape, bytes: file.count,
            sha256: Column(file).withBytes { DurableFile.sha256($0) })
        try artifact.read(artifact.manifest.with(list), replacing: (old.name, file))
    }
}

/// The bytes are a manifest's JSON.
struct ManifestTarget: FuzzTarget {
    private let artifact: SmallArtifact
    init() throws { artifact = try SmallArtifact() }

    func run(_ bytes: [UInt8]) throws {
        try artifact.read(try JSONDecoder().decode(ModelManifest.self, from: Data(bytes)))
    }
}

extension ModelManifest {
    /// The same with other files.
    fileprivate func with(_ files: [File]) -> ModelManifest {
        ModelManifest(
            formatVersion: formatVersion, version: version, createdMilliseconds: createdMilliseconds, data: data,
            parameters: parameters, metrics: metrics, judgement: judgement, files: files, checksum: "")
    }
}
