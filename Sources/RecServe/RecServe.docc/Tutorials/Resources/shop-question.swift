// Asks a running server what a customer might buy next.
import Foundation

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

/// One place of the list that the server answers with.
struct Suggestion: Decodable {
    let id: String
    let score: Double
    let reason: String
}

/// The best products for a customer, the best first.
func suggestions(for customer: String, limit: Int, port: Int) async throws -> [Suggestion] {
    struct Answer: Decodable { let items: [Suggestion] }
    var address = URLComponents()
    (address.scheme, address.host, address.port) = ("http", "127.0.0.1", port)
    address.path = "/v1/users/\(customer)/recommendations"
    address.queryItems = [URLQueryItem(name: "limit", value: String(limit))]
    guard let url = address.url else { throw URLError(.badURL) }
    let (body, _) = try await URLSession.shared.data(from: url)
    return try JSONDecoder().decode(Answer.self, from: body).items
}
