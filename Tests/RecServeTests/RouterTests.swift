// Probes, the list of routes, and paths that are not there.
import HTTPTypes
import Testing

@testable import RecServe

@Suite struct RouterTests {
    @Test func theProcessIsAliveWithoutAModelButNotReady() async throws {
        let shop = try await TestShop(isOpen: false)

        let alive = try await shop.send(.get, "/healthz")
        let ready = try await shop.send(.get, "/readyz")

        #expect(alive.status == .ok)
        #expect(ready.status == .serviceUnavailable)
        #expect(ready.headers[.retryAfter] == "5")
    }

    @Test func readinessNamesTheModel() async throws {
        let shop = try await TestShop()

        let response = try await shop.send(.get, "/readyz")

        #expect(response.status == .ok)
        #expect(String(buffer: response.body) == #"{"model_version":"v1","status":"ready"}"#)
    }

    @Test func theRootListsEveryRoute() async throws {
        let shop = try await TestShop(isOpen: false)

        let text = String(buffer: try await shop.send(.get, "/").body)

        for path in [
            "/v1/recommendations", "/v1/users/{id}/recommendations", "/v1/items/{id}/similar", "/v1/events", "/healthz",
            "/readyz",
        ] { #expect(text.contains("\"\(path)\"")) }
    }

    @Test(arguments: [
        "/v2/recommendations", "/v1/users//recommendations", "/v1/users/a/b/recommendations", "/favicon.ico", "/v1",
        "//x//", "/%2F", "*", "/v1/recommendations/more",
    ])
    func anUnknownPathIsAProblemNotABlankPage(path: String) async throws {
        let shop = try await TestShop(isOpen: false)

        let response = try await shop.send(.get, path)

        let problem = try response.problem()
        #expect(response.status == .notFound)
        #expect(problem.code == "no_route")
        #expect(problem.title == "Not Found" && problem.status == 404 && problem.type == "about:blank")
        #expect(problem.requestId == response.headers[.requestID])
    }

    @Test func aWrongMethodIsToldTheRightOnes() async throws {
        let shop = try await TestShop(isOpen: false)

        let events = try await shop.send(.delete, "/v1/events")
        let user = try await shop.send(.post, "/v1/users/a%2Fb/recommendations", "{}")

        #expect(events.status == .methodNotAllowed)
        #expect(events.headers[.allow] == "POST")
        #expect(user.headers[.allow] == "GET, HEAD")
    }

    @Test func headAnswersLikeGetWithoutABody() async throws {
        let shop = try await TestShop(isOpen: false)

        let response = try await shop.send(.head, "/healthz")

        #expect(response.status == .ok)
        #expect(response.body.readableBytes == 0)
    }

    @Test func aRequestKeepsItsNameOrGetsOne() async throws {
        let shop = try await TestShop(isOpen: false)

        let named = try await shop.send(.get, "/healthz", headers: [.requestID: "trace-7.a_B"])
        let forged = try await shop.send(.get, "/healthz", headers: [.requestID: "a b\u{e9}"])
        let unnamed = try await shop.send(.get, "/nowhere")

        #expect(named.headers[.requestID] == "trace-7.a_B")
        #expect(forged.headers[.requestID] == "id-1")
        #expect(unnamed.headers[.requestID] == "id-1")
        #expect(named.headers[.xContentTypeOptions] == "nosniff")
    }
}
