// swift-tools-version: 6.2
// The bookshop over HTTP: the platform's server on the shop's own stores. A package of its own, as a server brings many others along.
import PackageDescription

let package = Package(
    name: "bookshop-server",
    platforms: [.macOS(.v15)],
    dependencies: [
        .package(name: "recommendation-platform", path: "../.."),
        .package(name: "bookshop", path: "../Bookshop"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    ],
    targets: [
        .executableTarget(
            name: "bookshop-server",
            dependencies: [
                .product(name: "RecCore", package: "recommendation-platform"),
                .product(name: "RecServe", package: "recommendation-platform"),
                .product(name: "Bookshop", package: "bookshop"),
                .product(name: "BookshopStores", package: "bookshop"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            swiftSettings: [
                .swiftLanguageMode(.v6),
                .enableUpcomingFeature("ExistentialAny"),
                .treatAllWarnings(as: .error),
            ]
        )
    ]
)
