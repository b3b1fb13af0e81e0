// Routes that read and change the catalogue.
import HTTPTypes
import Hummingbird
import RecCore

struct CatalogueRoutes: Sendable {
    let surroundings: Surroundings
    private var engine: RecommendationEngine { surroundings.engine }

    var endpoints: [Endpoint] { [write, read, remove] }

    private var write: Endpoint {
        let limits = surroundings.configuration
        return Endpoint(
            method: .post, path: "/v1/items",
            summary:
                "add items or replace them: {\"items\": [{\"id\", \"attributes\", \"hidden\"}]}, at most \(limits.eventsPerBatch)",
            scope: .catalogue, body: Schemas.reference("Items"),
            answers: [
                .init(
                    status: 200, text: "written; this server's next answer knows them, others' within a second",
                    schema: Schemas.reference("Written"))
            ], problems: [422]
        ) { request, context in
            let body = try await request.body.collect(upTo: limits.bodyBytes)
            let items = try JSONReading.decode(ItemsWire.self, from: body).items(atMost: limits.eventsPerBatch)
            try await context.noting("catalog.upsert", count: items.count) { try await engine.upsertItems(items) }
            return .json(WrittenWire(written: items.count))
        }
    }

    private var read: Endpoint {
        Endpoint(
            method: .get, path: "/v1/items/{id}", summary: "what the catalogue says of an item", scope: .recommend,
            answers: [.init(status: 200, text: "the item", schema: Schemas.reference("StoredItem"))], problems: [404]
        ) { _, context in
            let id = ItemID(try context.identifier("id"))
            guard let item = try await engine.item(id) else { throw Problem.noItem }
            return .json(ItemWire(item))
        }
    }

    private var remove: Endpoint {
        Endpoint(
            method: .delete, path: "/v1/items/{id}",
            summary: "remove an item: it is not recommended any more; an unknown one changes nothing",
            scope: .catalogue, answers: [.init(status: 204, text: "it is not there")]
        ) { _, context in
            let item = ItemID(try context.identifier("id"))
            try await context.noting("catalog.remove", count: 1) { try await engine.removeItems([item]) }
            return Response(status: .noContent)
        }
    }
}

extension Problem {
    static var noItem: Problem {
        Problem(status: .notFound, code: "no_item", detail: "the catalogue has no such item")
    }
}
