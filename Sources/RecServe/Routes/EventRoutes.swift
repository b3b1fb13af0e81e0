// Routes that take events in, and the one that shows what they came to.
import HTTPTypes
import Hummingbird
import RecCore

struct EventRoutes: Sendable {
    let surroundings: Surroundings

    var endpoints: [Endpoint] { [events, window] }

    private var events: Endpoint {
        let limits = surroundings.configuration
        return Endpoint(
            method: .post, path: "/v1/events",
            summary: "what users did; one event or {\"events\": [...]}, at most \(limits.eventsPerBatch)",
            scope: .events,
            body: ["oneOf": [Schemas.reference("Event"), Schemas.reference("Events")]],
            answers: [
                .init(
                    status: 202, text: "held: the next answer of these users knows them",
                    schema: Schemas.reference("EventsAccepted"))
            ], problems: [409, 422]
        ) { request, _ in
            let body = try await request.body.collect(upTo: limits.bodyBytes)
            let interactions: [Interaction]
            do {
                let wire = try JSONReading.decode(EventsWire.self, from: body)
                interactions = try wire.interactions(
                    now: surroundings.now(), atMost: limits.eventsPerBatch,
                    key: request.headers[.idempotencyKey], makeID: surroundings.makeID)
            } catch {
                surroundings.metrics.count("reco_events", [("result", "refused")])
                throw error
            }
            try await surroundings.record(interactions)
            return .json(
                EventsAcceptedWire(
                    accepted: interactions.count, eventIDs: interactions.compactMap { $0.event?.rawValue }),
                status: .accepted)
        }
    }

    private var window: Endpoint {
        Endpoint(
            method: .get, path: "/v1/users/{id}/window",
            summary: "the user's last events, as the next answer will know them", scope: .recommend,
            answers: [.init(status: 200, text: "newest first", schema: Schemas.reference("Window"))]
        ) { _, context in
            let user = UserID(try context.identifier("id"))
            var response = Response.json(WindowWire(user, try await surroundings.engine.window(of: user)))
            response.headers[.cacheControl] = "no-store"
            return response
        }
    }
}

extension Surroundings {
    /// Takes events in. Returning means held: by the log and by the windows.
    func record(_ interactions: [Interaction]) async throws(StorageError) {
        do {
            try await engine.record(interactions)
            metrics.accepted(
                interactions, experiment: engine.experiment, serving: Set(engine.modelsInService.map(\.version)))
        } catch {
            metrics.count(
                "reco_events", [("result", error.code == .conflict ? "refused" : "failed")], interactions.count)
            throw error
        }
    }
}
