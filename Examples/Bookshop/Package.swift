// swift-tools-version: 6.2
// A bookshop that uses the recommendation platform as a library, by path.
import PackageDescription

let swift: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .treatAllWarnings(as: .error),
]
let core = Target.Dependency.product(name: "RecCore", package: "recommendation-platform")
let testing = Target.Dependency.product(name: "RecTesting", package: "recommendation-platform")

let package = Package(
    name: "bookshop",
    platforms: [.macOS(.v15)],
    products: [
        .library(name: "Bookshop", targets: ["Bookshop"]),
        .library(name: "BookshopStores", targets: ["BookshopStores"]),
    ],
    dependencies: [.package(name: "recommendation-platform", path: "../..")],
    targets: [
        // The engine alone: a table in, a list with reasons out.
        .executableTarget(name: "shelf", dependencies: [core], swiftSettings: swift),
        // The shop's own code; it asks for advice behind its own protocol.
        .target(name: "Bookshop", dependencies: [core], swiftSettings: swift),
        // The engine's ports on the shop's own files.
        .target(name: "BookshopStores", dependencies: ["Bookshop", core], swiftSettings: swift),
        .testTarget(name: "BookshopTests", dependencies: ["Bookshop", core, testing], swiftSettings: swift),
        .testTarget(
            name: "BookshopStoresTests", dependencies: ["Bookshop", "BookshopStores", core, testing],
            swiftSettings: swift
        ),
    ]
)
