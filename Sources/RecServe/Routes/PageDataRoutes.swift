// What the web page asks for beside the public interface: the shop, its customers and items, the map, the models.
import HTTPTypes
import Hummingbird
import RecCore

/// Not listed among the routes: they serve the page of the same version, and change with it.
struct PageDataRoutes: Sendable {
    let surroundings: Surroundings
    let browser: CatalogueBrowser
    let canReplay: Bool

    private static let mostItems = 100
    private static let mostPoints = 50
    private static let mostCustomers = 20
    private static let mostTaken = 60

    var endpoints: [Endpoint] { [shop, items, item, near, customers, customer, search, map, points, models, serve] }

    private func endpoint(
        _ path: String, _ summary: String,
        _ handle: @escaping @Sendable (Request, ServeContext) async throws -> Response
    ) -> Endpoint {
        Endpoint(
            method: .get, path: "/page/data/" + path, summary: summary, scope: .recommend, isListed: false
        ) { request, context in
            var response = try await handle(request, context)
            response.headers[.cacheControl] = "no-store"
            return response
        }
    }

    private var shop: Endpoint {
        endpoint("shop", "the shop at first sight") { _, _ in
            do throws(RecommendationError) {
                let overview = try await browser.shop()
                await browser.prepareSearch(now: surroundings.now())
                return .json(ShopWire(overview, canReplay: canReplay))
            } catch {
                guard error == .noModel else { throw error }
                return .json(ShopWire(canReplay: canReplay))
            }
        }
    }

    private var items: Endpoint {
        endpoint("items", "what items look like; ?ids=a,b") { request, _ in
            let query = try QueryParameters(request.uri.query, allowed: ["ids"])
            let ids = try query.list("ids", limit: Self.mostItems)
            return .json(CardsWire(items: try await browser.cards(ids.map { ItemID($0) }).map(CardWire.init)))
        }
    }

    private var item: Endpoint {
        endpoint("items/{id}", "all that is known of an item") { _, context in
            guard let item = try await browser.item(ItemID(try context.identifier("id"))) else { throw Problem.noItem }
            return .json(ItemViewWire(item))
        }
    }

    private var near: Endpoint {
        endpoint("items/{id}/surroundings", "items near it by taste and by content; ?limit=") { request, context in
            let id = ItemID(try context.identifier("id"))
            let query = try QueryParameters(request.uri.query, allowed: ["limit"])
            guard let found = try await browser.surroundings(of: id, limit: try query.limit("limit")) else {
                throw Problem.noItem
            }
            return .json(SurroundingsWire(found))
        }
    }

    private var customers: Endpoint {
        endpoint("customers", "customers whose id begins so; ?find=") { request, _ in
            let query = try QueryParameters(request.uri.query, allowed: ["find"])
            guard let prefix = query["find"], !prefix.isEmpty else {
                return .json(CustomersWire(try await browser.shop().examples))
            }
            if let fault = IdentifierRule.fault(prefix) { throw Problem.invalid(fault, parameter: "find") }
            return .json(
                CustomersWire(try await browser.customers(beginning: prefix, limit: Self.mostCustomers)))
        }
    }

    private var customer: Endpoint {
        endpoint("customers/{id}", "what a customer took") { _, context in
            let id = UserID(try context.identifier("id"))
            return .json(CustomerWire(try await browser.customer(id, limit: Self.mostTaken)))
        }
    }

    private var search: Endpoint {
        endpoint("search", "items by words; ?q= &limit=") { request, _ in
            let query = try QueryParameters(request.uri.query, allowed: ["q", "limit"])
            let start = ContinuousClock.now
            let found = try await browser.search(
                String((query["q"] ?? "").prefix(200)), limit: try query.limit("limit"), now: surroundings.now())
            return .json(FoundWire(found, milliseconds: (ContinuousClock.now - start) / .milliseconds(1)))
        }
    }

    private var map: Endpoint {
        endpoint("map", "every item as a point of a plane") { _, _ in
            switch try await browser.drawnMap() {
            case .drawing(let done, let step):
                return .json(MapProgressWire(progress: done, step: step), status: .accepted)
            case .drawn(let points):
                return Response(
                    status: .ok, headers: [.contentType: "application/octet-stream"],
                    body: ResponseBody(byteBuffer: points.bytes))
            }
        }
    }

    private var points: Endpoint {
        endpoint("map/points", "the items at points of a map; ?version= &numbers=") { request, _ in
            let query = try QueryParameters(request.uri.query, allowed: ["version", "numbers"])
            let numbers = try query.list("numbers", limit: Self.mostPoints).map { text throws(Problem) -> Int in
                guard let number = Int(text), number >= 0 else {
                    throw .invalid("holds something that is no number of a point", parameter: "numbers")
                }
                return number
            }
            guard let items = try await browser.items(atPoints: numbers, ofMap: query["version"] ?? "") else {
                throw Problem(
                    status: .conflict, code: "other_map",
                    detail: "these numbers are of another map; ask for the map again")
            }
            return .json(PointsWire(items: items.map { $0.map(CardWire.init) }))
        }
    }

    private var models: Endpoint {
        endpoint("models", "published versions and how good they were found, newest first") { _, _ in
            let inService = Set(surroundings.engine.modelsInService.map(\.version))
            return .json(PageModelsWire(try await surroundings.engine.publishedModels(), inService: inService))
        }
    }

    private var serve: Endpoint {
        Endpoint(
            method: .post, path: "/page/data/models/{version}/serve",
            summary: "take a version into service beside the current one", scope: .admin, isListed: false
        ) { _, context in
            guard let version = ModelVersion(try context.identifier("version")) else {
                throw Problem.invalid("is not the name of a version", parameter: "version")
            }
            try await context.noting("models.serve", model: version) {
                try await surroundings.engine.serveBeside(version)
            }
            return .json(["model_version": version.rawValue])
        }
    }
}

extension MapPoints {
    /// Little endian: `RMAP`, format 2, the number n of points; then n places from left to right and n from top to bottom as
    /// 16 bits of the unit square, n departments, and the rest is ``MapNamesWire`` as JSON.
    fileprivate var bytes: ByteBuffer {
        let names = Response.encoded(MapNamesWire(version: id, departments: departmentNames))
        var buffer = ByteBuffer()
        buffer.reserveCapacity(12 + count * 5 + names.count)
        buffer.writeString("RMAP")
        buffer.writeInteger(UInt32(2), endianness: .little)
        buffer.writeInteger(UInt32(count), endianness: .little)
        for axis in [x, y] {
            for value in axis {
                buffer.writeInteger(UInt16(min(max(value, 0), 1) * 65_535), endianness: .little)
            }
        }
        buffer.writeBytes(departments)
        buffer.writeBytes(names)
        return buffer
    }
}
