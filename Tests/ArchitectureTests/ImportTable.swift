// Which module may import what: the table of Docs/Architecture.md as data, and the check that reads it.

/// One permitted import.
struct Permission {
    let module: String
    /// Folders of the importing target in which it may stand; `nil` = anywhere.
    var folders: Set<String>?
    /// Whether the import line must say in a comment why it is there.
    var needsReason = false
}

extension Permission: ExpressibleByStringLiteral {
    init(stringLiteral module: String) { self.init(module: module) }
}

/// The imports of each target. A target that is not named here may not exist.
let importTable: [String: [Permission]] = {
    let system: [Permission] = ["Foundation", "Glibc", "Darwin", "Dispatch", "Synchronization"]
    let program = system + ["ArgumentParser", "ServiceLifecycle", "Logging", "RecCore"]
    return [
        "CBLAS": [], "CMalloc": [], "CKafka": [], "CPostgres": [], "CRedis": [],
        "CZlib": [],
        "RecCore": [
            Permission(module: "CBLAS", folders: ["LinearAlgebra"]),
            Permission(module: "Accelerate", folders: ["LinearAlgebra"]),
            Permission(module: "CMalloc", folders: ["Memory"]),
            Permission(module: "Crypto", folders: ["Memory"]),
            Permission(module: "Foundation", folders: ["Model"], needsReason: true),
            Permission(module: "Glibc", folders: ["Memory"]),
            Permission(module: "Darwin", folders: ["Memory"]),
            "Synchronization", "Dispatch",
        ],
        "RecFiles": ["RecCore", "CZlib", "Foundation", "Glibc", "Darwin", "Synchronization", "Dispatch"],
        "RecEmbedded": ["RecCore", "GRDB", "Foundation", "Synchronization", "Dispatch"],
        "RecStorage": [
            "RecCore", Permission(module: "CPostgres", folders: ["Postgres"]),
            Permission(module: "CRedis", folders: ["Redis"]), Permission(module: "CKafka", folders: ["Kafka"]),
            "Foundation", "Glibc", "Darwin", "Dispatch", "Synchronization", "Logging",
        ],
        "RecServe": [
            "RecCore", "RecPage", "Hummingbird", "HummingbirdCore", "HummingbirdTLS", "HTTPTypes", "NIOCore", "NIOSSL",
            "Logging",
            "Metrics",
            "CoreMetrics", "ServiceLifecycle", "Foundation", "Synchronization",
            Permission(module: "Crypto", folders: ["Security"]),
        ],
        "RecStores": system + [
            "ArgumentParser", "Logging", "ServiceLifecycle", "RecCore", "RecEmbedded", "RecStorage",
        ],
        "RecPage": [],
        "RecTesting": ["RecCore", "Synchronization"],
        "rec-mock-kafka": ["CKafka", "Foundation"],
        "rec-synthesize": program + ["RecFiles"],
        "rec-ingest": program + ["RecFiles", "RecStores"],
        "rec-train": program + ["RecFiles", "RecStores"],
        "rec-evaluate": program + ["RecFiles", "RecStores"],
        "rec-serve": program + ["RecServe", "RecStores"],
        "rec-replay": program + ["RecFiles", "RecStores"],
        "rec-process": program + ["RecFiles", "RecServe", "RecStores"],
        "rec-erase": program + ["RecStores"],
        "rec-sample": program + ["RecFiles", "RecEmbedded", "RecServe"],
    ]
}()

/// Every import that the table does not permit.
func forbiddenImports(in files: [SourceFile], table: [String: [Permission]] = importTable) -> [Violation] {
    files.flatMap { file -> [Violation] in
        guard let module = file.module, let permissions = table[module] else {
            return [file.violation(at: 1, "no row of the import table covers this target")]
        }
        let top = file.folder.split(separator: "/").first.map(String.init) ?? ""
        return file.imports.compactMap { found in
            guard let permission = permissions.first(where: { $0.module == found.module }) else {
                return file.violation(at: found.line, "\(module) may not import \(found.module)")
            }
            if let folders = permission.folders, !folders.contains(top) {
                let places = folders.sorted().joined(separator: ", ")
                return file.violation(at: found.line, "\(module) may import \(found.module) in \(places) only")
            }
            if permission.needsReason, !found.hasReason {
                return file.violation(at: found.line, "the line of import \(found.module) must say why in a comment")
            }
            return nil
        }
    }
}
