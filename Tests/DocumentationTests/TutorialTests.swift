// The program of the tutorial "From a CSV to a server", run on the tutorial's own file of orders.
import Foundation
import RecCore
import RecEmbedded
import Synchronization
import Testing

@Suite struct TutorialTests {
    private let root = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    private var resources: URL {
        root.appendingPathComponent("Sources/RecServe/RecServe.docc/Tutorials/Resources")
    }

    @Test func programLoadsLearnsAndServes() async throws {
        try await withFolder { folder in
            let arguments = ["shop", resources.path + "/orders.csv", folder.path, "0"]
            let said = Mutex<[String]>([])

            let list = try await whileRunning { listening in
                try await shop(arguments: arguments, stopsBySignal: false) { line in
                    said.withLock { $0.append(line) }
                    if let port = line.split(separator: ":").last.flatMap({ Int($0) }) { listening(port) }
                }
            } ask: { port in
                try await suggestions(for: "anna", limit: 3, port: port)
            }

            #expect(said.withLock { $0.first } == "orders.csv: 60 rows read = 60 loaded + 0 rejected")
            #expect(said.withLock { $0.last?.hasPrefix("listening on http://127.0.0.1:") } == true)
            #expect(list.count == 3)
            #expect(list.allSatisfy { $0.id.hasPrefix("tea-") })
            let store = try await EmbeddedStore(folder: folder.path, creating: false)
            #expect(try await store.models.versions().count == 1)
            let item = try await store.catalog.items([ItemID("tea-0")])[ItemID("tea-0")]
            #expect(item?.attributes == ["name": "Assam"])
        }
    }

    @Test func wrongArgumentsAreToldHowToBe() async throws {
        let said = Mutex<[String]>([])

        try await shop(arguments: ["shop"]) { line in said.withLock { $0.append(line) } }

        #expect(said.withLock { $0 } == ["usage: shop ORDERS.csv FOLDER PORT"])
        // The arguments of this run are none of the program's.
        try await mainOfTheTutorial()
    }

    @Test func packageOfTheTutorialNamesOurProducts() throws {
        let shown = try String(contentsOf: resources.appendingPathComponent("shop-package.txt"), encoding: .utf8)
        let own = try String(contentsOf: root.appendingPathComponent("Package.swift"), encoding: .utf8)
        let version = try #require(own.split(separator: "\n").first)
        #expect(shown.hasPrefix(version + "\n"))

        let products = shown.matches(of: /name: "(\w+)", package: "recommendation-platform"/).map { String($0.1) }
        #expect(products == ["RecCore", "RecEmbedded", "RecFiles", "RecServe"])
        for product in products { #expect(own.contains(".library(name: \"\(product)\"")) }
        let dependencies = shown.matches(of: /\.package\(url: [^)]*\)/).map { String($0.0) }
        #expect(dependencies.count == 2)
        for dependency in dependencies { #expect(own.contains(dependency)) }
    }
}
