// rec-evaluate and rec-erase as a person runs them: tables, pages, JSON, lists, a served log that is judged, a person forgotten.
import Foundation
import Testing

@Suite(.serialized, .enabled(if: ServingShop.isThere, "rec-serve, rec-load or rec-sample is not there"))
struct EvaluationProgramTests {
    /// Runs it on the folder and expects that it ends well. - Returns: what it printed, on both outputs.
    private func evaluate(
        _ folder: ServingShop.Folder, _ arguments: [String], sourceLocation: SourceLocation = #_sourceLocation
    ) async throws -> String {
        let end = try await BuiltProgram("rec-evaluate", arguments + ["--data", folder.path]).end()
        #expect(end.code == 0, "\(end.text)", sourceLocation: sourceLocation)
        return end.text
    }

    private func text(_ path: String) throws -> String { try String(contentsOfFile: path, encoding: .utf8) }

    private func lines(_ path: String) throws -> [String] {
        try text(path).split(separator: "\n").map(String.init)
    }

    /// The entries of the JSON list among the lines that were told on the error output.
    private func json(_ text: String) throws -> [[String: Any]] {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        let first = try #require(lines.firstIndex { $0.hasPrefix("[") }, "\(text)")
        let last = try #require(lines.lastIndex { $0.hasSuffix("]") }, "\(text)")
        let list = try JSONSerialization.jsonObject(with: Data(lines[first...last].joined(separator: "\n").utf8))
        return try #require(list as? [[String: Any]], "\(text)")
    }

    @Test func aModelIsJudgedAsTableAndPage() async throws {
        let folder = try ServingShop.copy()
        let page = folder.path + "/page.html"
        let table = try await evaluate(folder, ["--dimension", "8", "--folds", "2", "--html", page])

        #expect(table.contains("hybrid model") && table.contains("popular, all time"), "\(table)")
        #expect(try text(page).contains("<svg"))
    }

    @Test func listsForUsersHoldWhatWasAllowed() async throws {
        let folder = try ServingShop.copy()
        let users = try lines(folder.users).prefix(30)
        let items = try lines(folder.items).prefix(40)
        let (asked, allowed, out) = (folder.path + "/asked.csv", folder.path + "/allowed.csv", folder.path + "/out.csv")
        try ("user_id\n" + users.joined(separator: "\n") + "\nnobody\n").write(
            toFile: asked, atomically: true, encoding: .utf8)
        try ("item_id\n" + items.joined(separator: "\n") + "\n").write(
            toFile: allowed, atomically: true, encoding: .utf8)

        _ = try await evaluate(
            folder, ["--recommendations", out, "--users", asked, "--candidates", allowed, "--top", "5"])

        let rows = try lines(out)
        #expect(rows.first == "user_id,prediction" && rows.count == 32)
        for row in rows.dropFirst() {
            let list = row.split(separator: ",", omittingEmptySubsequences: false)[1].split(separator: " ")
            #expect(list.count == 5 && list.allSatisfy { items.contains(String($0)) }, "\(row)")
        }
    }

    @Test func listsOfEachUsersOwnCandidatesHoldNoOthers() async throws {
        let folder = try ServingShop.copy()
        let users = Array(try lines(folder.users).prefix(2))
        let items = Array(try lines(folder.items).prefix(6))
        let (own, asked, out) = (folder.path + "/own.csv", folder.path + "/asked.csv", folder.path + "/out.csv")
        try "user_id,items\n\(users[0]),\(items[0]) \(items[1]) unknown\n\(users[1]),\(items[2])\n".write(
            toFile: own, atomically: true, encoding: .utf8)
        try "user_id\n\(users[0])\n\(users[1])\n".write(toFile: asked, atomically: true, encoding: .utf8)

        _ = try await evaluate(folder, ["--recommendations", out, "--users", asked, "--candidates-per-user", own])

        let lists = try lines(out).dropFirst().map {
            Set($0.split(separator: ",")[1].split(separator: " ").map(String.init))
        }
        #expect(lists == [Set(items[0...1]), [items[2]]])
    }

    @Test func policiesAreComparedAsTablePageAndJSON() async throws {
        let folder = try ServingShop.copy()
        let page = folder.path + "/policies.html"
        let test = folder.path + "/test.csv"
        let bought = try lines(folder.path + "/shop/transactions_train.csv").suffix(300).map {
            $0.split(separator: ",", omittingEmptySubsequences: false)
        }
        try ("user_id,item_id\n" + bought.map { "\($0[1]),\($0[2])\n" }.joined()).write(
            toFile: test, atomically: true, encoding: .utf8)
        let arguments = [
            "policies", "--dimension", "8", "--draws", "1", "--sample", "60", "--policy", "greedy", "--policy",
            "plackett_luce(0.1)",
        ]

        let table = try await evaluate(folder, arguments + ["--html", page])
        let told = try json(await evaluate(folder, arguments + ["--test", test, "--json"]))

        #expect(table.contains("plackett_luce(0.1)") && table.contains("greedy"), "\(table)")
        #expect(try text(page).contains("<svg"))
        #expect(!told.isEmpty)
    }

    @Test func simulatedShopsAreToldAsTablePageAndJSON() async throws {
        let page = NSTemporaryDirectory() + "simulated-\(UUID().uuidString).html"
        defer { try? FileManager.default.removeItem(atPath: page) }
        let arguments = ["simulate", "--seeds", "1", "--weeks", "2", "--shoppers", "60"]
        let table = try await BuiltProgram("rec-evaluate", arguments + ["--html", page]).end()
        let told = try await BuiltProgram("rec-evaluate", arguments + ["--json"]).end()

        #expect(table.code == 0 && table.text.contains("oracle"), "\(table.text)")
        #expect(try text(page).contains("<svg"))
        #expect(try !json(told.text).isEmpty)
    }

    @Test func aServedLogIsReplayedAndJudgedAndAPersonIsForgotten() async throws {
        let folder = try ServingShop.copy()
        let users = try lines(folder.users).prefix(60)
        let server = try await ServingProcess(folder, ["--policy", "plackett_luce(0.5)"])
        for (number, user) in users.enumerated() {
            let answer = try server.ask(
                "/v1/users/\(user)/recommendations?limit=5", headers: ["X-Request-ID: r\(number)"])
            #expect(answer.status == 200)
            let told = try #require(
                try JSONSerialization.jsonObject(with: Data(answer.body.utf8)) as? [String: Any])
            let item = try #require((told["items"] as? [[String: Any]])?.first?["id"] as? String, "\(answer.body)")
            let name = try #require(told["recommendation_id"] as? String)
            if number % 2 == 0 {
                let event = #"{"user":"\#(user)","item":"\#(item)","kind":"purchase","recommendation_id":"\#(name)"}"#
                #expect(try server.ask("/v1/events", method: "POST", event).status == 202)
            }
        }
        server.program.send(SIGTERM)
        let end = await server.program.end()
        #expect(end.code == 0, "\(end.text)")

        let replayed = try await evaluate(folder, ["replay"])
        let judged = try await evaluate(
            folder, ["counterfactual", "--policy", "greedy", "--policy", "plackett_luce(0.5)"])
        let told = try json(await evaluate(folder, ["counterfactual", "--policy", "greedy", "--json"]))
        let forgotten = try await BuiltProgram("rec-erase", ["--data", folder.path, folder.aUser]).end()
        let again = try await BuiltProgram("rec-erase", ["--data", folder.path, folder.aUser]).end()

        #expect(replayed.contains(/\b60\b/), "\(replayed)")
        #expect(judged.contains("greedy") && judged.contains("plackett_luce(0.5)"), "\(judged)")
        #expect(!told.isEmpty)
        #expect(forgotten.code == 0 && again.code == 0, "\(forgotten.text) \(again.text)")
        #expect(forgotten.text.contains(/removed from history: [1-9]/), "\(forgotten.text)")
        #expect(again.text.contains("removed from history: 0\n"), "\(again.text)")
    }
}
