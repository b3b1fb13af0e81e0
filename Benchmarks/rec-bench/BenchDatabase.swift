// A database that a measurement makes and drops.
import ArgumentParser
import Foundation

/// A database of the measurement's own, on the server that the settings name.
struct BenchDatabase {
    let url: String
    private let server: String

    init(_ server: String) throws {
        guard var parts = URLComponents(string: server), parts.scheme?.hasPrefix("postgres") == true else {
            throw ValidationError("REC_POSTGRES_URL must begin with postgresql:// here")
        }
        parts.path = "/rec_bench"
        (url, self.server) = (parts.string ?? server, server)
        try Self.psql(server, "DROP DATABASE IF EXISTS rec_bench")
        try Self.psql(server, "CREATE DATABASE rec_bench")
    }

    func sql(_ text: String) throws {
        for statement in text.split(separator: ";") {
            try Self.psql(url, statement.trimmingCharacters(in: .whitespaces))
        }
    }

    func drop() { try? Self.psql(server, "DROP DATABASE IF EXISTS rec_bench WITH (FORCE)") }

    private static func psql(_ url: String, _ text: String) throws {
        try runProgram("psql", [url, "-q", "-v", "ON_ERROR_STOP=1", "-X", "-c", text])
    }
}
