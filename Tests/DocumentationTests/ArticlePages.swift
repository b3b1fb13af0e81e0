// The DocC catalogues and the listings of the tests, as the checks of ArticleTests see them.
import Foundation

/// A piece of Swift with the place where it stands; the text is without common indentation and outer empty lines.
struct SwiftPiece {
    let place: String
    let text: String

    init(place: String, lines: [Substring]) {
        self.place = place
        text = withoutCommonIndentation(lines)
    }
}

/// What cannot be read as a page or as a file of listings.
struct UnreadablePage: Error, CustomStringConvertible {
    let description: String
}

/// One folder `Name.docc` below `Sources`.
struct ArticleCatalogue {
    let folder: URL
    /// The names of its articles and tutorials, without `.md` and `.tutorial`.
    let names: Set<String>
    /// Their texts, by path from `Sources`.
    let pages: [(path: String, text: String)]
    /// The Swift files of the catalogue that stand in `@Code(…, file: …)`, by file name.
    private let resources: [String: URL]

    init(folder: URL, sources: URL) throws {
        self.folder = folder
        let files = try filesBelow(folder)
        let texts = files.filter { ["md", "tutorial"].contains($0.pathExtension) }
        names = Set(texts.map { $0.deletingPathExtension().lastPathComponent })
        pages = try texts.map {
            (String($0.path.dropFirst(sources.path.count + 1)), try String(contentsOf: $0, encoding: .utf8))
        }
        resources = Dictionary(
            files.filter { $0.pathExtension == "swift" }.map { ($0.lastPathComponent, $0) },
            uniquingKeysWith: { a, _ in a }
        )
    }

    /// Every catalogue below a folder, in order of path.
    static func all(below sources: URL) throws -> [ArticleCatalogue] {
        var folders: Set<URL> = []
        for file in try filesBelow(sources) {
            let parts = file.pathComponents
            guard let end = parts.firstIndex(where: { $0.hasSuffix(".docc") }) else { continue }
            folders.insert((end + 1..<parts.count).reduce(file) { url, _ in url.deletingLastPathComponent() })
        }
        return try folders.sorted { $0.path < $1.path }.map { try ArticleCatalogue(folder: $0, sources: sources) }
    }

    /// Every fenced block of Swift and every Swift file that a tutorial shows.
    func shownSwift() throws -> [SwiftPiece] {
        try pages.flatMap { page in
            try fencedSwift(in: page.text, of: page.path) + codeFiles(in: page.text, of: page.path)
        }
    }

    /// The pages that `<doc:Name>` leads to: path of the page that says it, and the name.
    var links: [(page: String, name: String)] {
        pages.flatMap { page in
            page.text.matches(of: /<?doc:([A-Za-z0-9_\/.#-]+)/).map { match in
                let target = match.1.split(separator: "#").first ?? match.1
                return (page.path, String(target.split(separator: "/").last ?? target))
            }
        }
    }

    private func codeFiles(in text: String, of path: String) throws -> [SwiftPiece] {
        try text.matches(of: /@Code\(([^)]*)\)/).compactMap { match in
            guard let file = match.1.firstMatch(of: /file:\s*"?([^",)\s]+)"?/).map({ String($0.1) }) else {
                throw UnreadablePage(description: "\(path): @Code names no file")
            }
            let name = file.hasSuffix(".swift") || file.contains(".") ? file : file + ".swift"
            guard name.hasSuffix(".swift") else { return nil }
            guard let url = resources[name] else {
                throw UnreadablePage(description: "\(path): @Code names \(name), which is not in the catalogue")
            }
            let lines = try String(contentsOf: url, encoding: .utf8).split(
                separator: "\n", omittingEmptySubsequences: false)
            return SwiftPiece(place: "\(path), file \(name)", lines: lines)
        }
    }
}

/// The blocks between `` ```swift `` and `` ``` `` of a page.
func fencedSwift(in text: String, of path: String) throws -> [SwiftPiece] {
    var pieces: [SwiftPiece] = []
    var open: (language: String, line: Int, lines: [Substring])?
    for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
        let bare = line.trimmingCharacters(in: .whitespaces)
        if let block = open {
            if bare == "```" {
                if block.language == "swift" {
                    pieces.append(SwiftPiece(place: "\(path):\(block.line)", lines: block.lines))
                }
                open = nil
            } else {
                open?.lines.append(line)
            }
        } else if bare.hasPrefix("```"), !bare.dropFirst(3).contains("`") {
            let language = bare.dropFirst(3).split(whereSeparator: { " ,".contains($0) }).first ?? ""
            open = (language.lowercased(), index + 1, [])
        }
    }
    if let block = open { throw UnreadablePage(description: "\(path):\(block.line): the block is not closed") }
    return pieces
}

/// What stands between `// Listing begins: name` (or without a name) and `// Listing ends` in a file of the tests.
func markedListings(in text: String, of path: String) throws -> [SwiftPiece] {
    var pieces: [SwiftPiece] = []
    var open: (name: String, line: Int, lines: [Substring])?
    for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
        let bare = line.trimmingCharacters(in: .whitespaces)
        if bare.hasPrefix("// Listing begins") {
            guard open == nil else {
                throw UnreadablePage(description: "\(path):\(index + 1): a listing begins inside another")
            }
            open = (String(bare.dropFirst("// Listing begins".count)), index + 1, [])
        } else if bare == "// Listing ends" {
            guard let listing = open else {
                throw UnreadablePage(description: "\(path):\(index + 1): no listing has begun")
            }
            pieces.append(SwiftPiece(place: "\(path):\(listing.line)\(listing.name)", lines: listing.lines))
            open = nil
        } else {
            open?.lines.append(line)
        }
    }
    if let listing = open { throw UnreadablePage(description: "\(path):\(listing.line): the listing does not end") }
    return pieces
}

/// The lines as one text, without the spaces that all of them begin with and without empty lines at both ends.
func withoutCommonIndentation(_ lines: [Substring]) -> String {
    func isEmpty(_ line: Substring) -> Bool { line.allSatisfy { $0 == " " || $0 == "\r" } }
    let full = lines.drop(while: isEmpty)
    guard let last = full.lastIndex(where: { !isEmpty($0) }) else { return "" }
    let kept = full[...last]
    let common = kept.filter { !isEmpty($0) }.map { $0.prefix { $0 == " " }.count }.min() ?? 0
    return kept.map { isEmpty($0) ? "" : String($0.dropFirst(common)) }.joined(separator: "\n")
}

/// All files below a folder, in order of path.
func filesBelow(_ folder: URL) throws -> [URL] {
    guard let paths = FileManager.default.enumerator(atPath: folder.path) else {
        throw UnreadablePage(description: "no folder \(folder.lastPathComponent)")
    }
    return paths.compactMap { $0 as? String }.sorted().map { folder.appendingPathComponent($0) }
        .filter { !$0.hasDirectoryPath }
}
