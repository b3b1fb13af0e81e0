// The route that takes events in.
import HTTPTypes
import Hummingbird
import RecCore

struct EventRoutes: Sendable {
    let engine: RecommendationEngine
    let configuration: ServerConfiguration
    let now: @Sendable () -> Timestamp
    let makeID: @Sendable () -> String

    var endpoints: [Endpoint] {
        [
            Endpoint(
                method: .post, path: "/v1/events",
                summary: "what users did; one event or {\"events\": [...]}, at most \(configuration.eventsPerBatch)"
            ) { request, _ in
                let body = try await request.body.collect(upTo: configuration.bodyBytes)
                let wire = try JSONReading.decode(EventsWire.self, from: body)
                let interactions = try wire.interactions(
                    now: now(), atMost: configuration.eventsPerBatch, makeID: makeID)
                // Accepted means held: the answer waits for the log and the windows.
                try await engine.record(interactions)
                return .json(
                    EventsAcceptedWire(
                        accepted: interactions.count, eventIDs: interactions.compactMap { $0.event?.rawValue }),
                    status: .accepted)
            }
        ]
    }
}
