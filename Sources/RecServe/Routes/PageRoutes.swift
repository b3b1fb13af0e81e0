// The web page: its files, and what a browser may do with them.
import HTTPTypes
import Hummingbird
import RecPage

struct PageRoutes: Sendable {
    private struct Served: Sendable {
        let bytes: ByteBuffer
        let type: String
        let tag: ContentTag
    }
    private let files: [String: Served]

    init() {
        var files: [String: Served] = [:]
        for file in Page.files {
            files[file.name] = Served(
                bytes: ByteBuffer(bytes: file.bytes), type: Self.type(of: file.name), tag: ContentTag(of: file.bytes))
        }
        self.files = files
    }

    var endpoints: [Endpoint] {
        [
            Endpoint(
                method: .get, path: "/page/{name}", summary: "a file of the web page", scope: nil, isListed: false
            ) { request, context in
                let name = try context.identifier("name")
                guard let response = response(name, to: request) else {
                    throw Problem(status: .notFound, code: "no_file", detail: "the page has no such file")
                }
                return response
            }
        ]
    }

    /// Whether a path is one of the page's files, and not of its data.
    static func isFile(_ path: String) -> Bool {
        path.hasPrefix("/page/") && !path.dropFirst(6).contains("/")
    }

    /// The page itself, for those who ask for a page: programs get the list of routes.
    func front(_ request: Request) -> Response? {
        guard request.headers[.accept]?.contains("text/html") == true else { return nil }
        return response("index.html", to: request)
    }

    private func response(_ name: String, to request: Request) -> Response? {
        guard let file = files[name] else { return nil }
        var headers: HTTPFields = [
            .contentType: file.type, .eTag: file.tag.text, .cacheControl: "no-cache", .vary: "Accept",
        ]
        headers[.contentSecurityPolicy] = Self.policy
        if file.tag.isNamed(by: request.headers[.ifNoneMatch]) {
            return Response(status: .notModified, headers: headers)
        }
        return Response(status: .ok, headers: headers, body: ResponseBody(byteBuffer: file.bytes))
    }

    /// Nothing from other hosts, nothing inline, no frame around it.
    static let policy =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

    private static func type(of name: String) -> String {
        switch name.split(separator: ".").last {
        case "html": "text/html; charset=utf-8"
        case "css": "text/css; charset=utf-8"
        case "js": "text/javascript; charset=utf-8"
        case "svg": "image/svg+xml"
        default: "application/octet-stream"
        }
    }
}
