// swift-tools-version: 6.2
// The recommendation platform: libraries, thin programs and their tests.
import PackageDescription

let swift: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .treatAllWarnings(as: .error),
]

// Scripts/test sets REC_OPTIMIZE, as tests that train and search take minutes without, and REC_COVERAGE: only the libraries count their
// lines, so that neither tests nor other packages are slowed down by it. Scripts/sanitize sets the other two: what parses bytes from
// outside tells a fuzzer where it goes. Who depends on the package sets none of them.
let isCounted = Context.environment["REC_COVERAGE"] == "1"
let library = isCounted ? swift + [.unsafeFlags(["-profile-generate", "-profile-coverage-mapping"])] : swift
let isSanitized = Context.environment["REC_SANITIZE"] == "1"
let fuzzer = isSanitized ? Context.environment["REC_FUZZER"].flatMap { $0.isEmpty ? nil : $0 } : nil
let parsers =
    fuzzer == nil
    ? library : swift + [.unsafeFlags(["-sanitize-coverage=edge,trace-cmp,inline-8bit-counters,pc-table"])]
let kernels =
    Context.environment["REC_OPTIMIZE"] == "1"
    ? parsers + [.unsafeFlags(["-O", "-wmo", "-num-threads", "2"])] : parsers
let apple: [Platform] = [.macOS, .iOS, .tvOS, .visionOS, .watchOS]

func program(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .executableTarget(
        name: name,
        dependencies: dependencies + [.product(name: "ArgumentParser", package: "swift-argument-parser")],
        swiftSettings: swift
    )
}

func tests(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .testTarget(name: name, dependencies: dependencies, swiftSettings: swift)
}

let package = Package(
    name: "recommendation-platform",
    platforms: [.macOS(.v15)],
    products: [
        .library(name: "RecCore", targets: ["RecCore"]),
        .library(name: "RecFiles", targets: ["RecFiles"]),
        .library(name: "RecEmbedded", targets: ["RecEmbedded"]),
        .library(name: "RecStorage", targets: ["RecStorage"]),
        .library(name: "RecServe", targets: ["RecServe"]),
        .library(name: "RecTesting", targets: ["RecTesting"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-metrics", from: "2.13.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    ],
    targets: [
        .systemLibrary(name: "CBLAS", pkgConfig: "openblas", providers: [.apt(["libopenblas-dev"])]),
        .systemLibrary(name: "CMalloc"),
        .systemLibrary(name: "CKafka", pkgConfig: "rdkafka", providers: [.apt(["librdkafka-dev"])]),
        .systemLibrary(name: "CPostgres", pkgConfig: "libpq", providers: [.apt(["libpq-dev"])]),
        // Without pkgConfig: hiredis' flags draw a warning.
        .systemLibrary(name: "CRedis", providers: [.apt(["libhiredis-dev"])]),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
        .target(
            name: "RecCore",
            dependencies: [
                // Elsewhere Accelerate, which the system brings.
                .target(name: "CBLAS", condition: .when(platforms: [.linux])), "CMalloc",
                .product(name: "Crypto", package: "swift-crypto"),
            ],
            // For the Swift compiler's view of C: Accelerate's interfaces of macOS 13.3.
            cSettings: [.define("ACCELERATE_NEW_LAPACK", .when(platforms: apple))],
            swiftSettings: kernels,
            linkerSettings: isCounted ? [.unsafeFlags(["-profile-generate"])] : []
        ),
        // The program that Spark runs, as bytes in ours.
        .target(
            name: "RecFiles", dependencies: ["RecCore", "CZlib"],
            resources: [.embedInCode("Spark/spark_als.py")], swiftSettings: parsers
        ),
        .target(
            name: "RecEmbedded",
            dependencies: ["RecCore", .product(name: "GRDB", package: "GRDB.swift")],
            swiftSettings: library
        ),
        // The web page, as bytes in the program.
        .target(name: "RecPage", resources: [.embedInCode("Files")], swiftSettings: swift),
        .target(
            name: "RecServe",
            dependencies: [
                "RecCore", "RecPage",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HummingbirdTLS", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "Metrics", package: "swift-metrics"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            swiftSettings: library
        ),
        .target(
            name: "RecStorage",
            dependencies: [
                "RecCore", "CKafka", "CPostgres", "CRedis", .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: library
        ),
        // The one place above both kinds of stores; programs only.
        .target(
            name: "RecStores",
            dependencies: [
                "RecCore", "RecEmbedded", "RecStorage",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            swiftSettings: library
        ),
        .target(name: "RecTesting", dependencies: ["RecCore"], swiftSettings: library),

        // Measures; no product, so that no one who depends on the package builds it.
        .executableTarget(
            name: "rec-bench",
            dependencies: [
                "RecCore", "RecStorage", .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            path: "Benchmarks/rec-bench", swiftSettings: swift
        ),
        // Sends requests at fixed times and measures the answers.
        .executableTarget(
            name: "rec-load",
            dependencies: [
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "NIOCore", package: "swift-nio"), .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ],
            path: "Benchmarks/rec-load", swiftSettings: swift
        ),
        program("rec-synthesize", ["RecCore", "RecFiles"]),
        program("rec-ingest", ["RecCore", "RecFiles", "RecStores"]),
        program("rec-train", ["RecCore", "RecFiles", "RecStores"]),
        program("rec-evaluate", ["RecCore", "RecFiles", "RecStores"]),
        program("rec-replay", ["RecCore", "RecFiles", "RecStores"]),
        program("rec-process", ["RecCore", "RecFiles", "RecServe", "RecStores"]),
        program("rec-erase", ["RecCore", "RecStores"]),
        program(
            "rec-serve",
            [
                "RecCore", "RecServe", "RecStores",
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ]
        ),
        program(
            "rec-sample",
            [
                "RecCore", "RecFiles", "RecEmbedded", "RecServe",
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ]
        ),

        tests("RecCoreTests", ["RecCore", "RecTesting"]),
        tests("RecFilesTests", ["RecCore", "RecFiles", "RecTesting"]),
        tests(
            "RecEmbeddedTests",
            ["RecCore", "RecEmbedded", "RecTesting", .product(name: "GRDB", package: "GRDB.swift")]
        ),
        tests(
            "RecServeTests",
            [
                "RecCore", "RecPage", "RecServe", "RecTesting",
                .product(name: "HummingbirdTesting", package: "hummingbird"),
            ]
        ),
        tests("RecIntegrationTests", ["RecCore", "RecStorage", "RecTesting"]),
        // A broker for these tests, as a process of its own.
        .executableTarget(
            name: "rec-mock-kafka", dependencies: ["CKafka"], path: "Tests/rec-mock-kafka", swiftSettings: swift
        ),
        tests(
            "RecStoresTests",
            ["RecCore", "RecStorage", "RecStores", "RecTesting", .product(name: "Logging", package: "swift-log")]
        ),
        tests("RecTestingTests", ["RecCore", "RecTesting"]),
        tests(
            "DocumentationTests",
            [
                "RecCore", "RecEmbedded", "RecFiles", "RecServe", "RecStorage", "RecTesting",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ]
        ),
        tests("ArchitectureTests", []),
    ]
)

// The run under the address sanitizer (Scripts/sanitize) builds the targets that own C objects, and nothing that they do not need.
if isSanitized {
    let owners: Set<String> = [
        "CBLAS", "CMalloc", "CZlib", "CKafka", "CPostgres", "CRedis", "RecCore", "RecFiles", "RecStorage", "RecTesting",
        "RecCoreTests", "RecFilesTests", "RecIntegrationTests", "rec-mock-kafka",
    ]
    package.targets.removeAll { !owners.contains($0.name) }
    package.products.removeAll { !owners.contains($0.name) }
}

// The parsers under libFuzzer, with the part of the API that reads bodies, which needs no server. Scripts/sanitize names the library,
// which brings no main function.
if let fuzzer {
    package.dependencies.append(.package(url: "https://github.com/apple/swift-http-types", from: "1.0.0"))
    package.targets += [
        .target(
            name: "RecServe",
            dependencies: [
                "RecCore", .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "NIOCore", package: "swift-nio"),
            ],
            sources: ["Problem.swift"]
                + ["EventWire", "FilterWire", "JSONReading", "JSONSyntax", "TimestampWire", "UserID+Session"].map {
                    "Wire/\($0).swift"
                },
            swiftSettings: parsers
        ),
        .executableTarget(
            name: "rec-fuzz",
            dependencies: [
                "RecCore", "RecFiles", "RecServe", "RecStorage", "RecTesting",
                .product(name: "NIOCore", package: "swift-nio"),
            ],
            path: "Tests/rec-fuzz", exclude: ["Corpus", "Dictionaries"], swiftSettings: swift,
            linkerSettings: [.unsafeFlags([fuzzer, "-lstdc++"])]
        ),
    ]
}
