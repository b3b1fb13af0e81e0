// A source file as the checks see it: where it lies, its lines, its tokens, what it declares and imports.
import Foundation  // reads the files of the package

/// What a check found, in words that tell where to look and what to do.
struct Violation: Equatable, CustomStringConvertible {
    let path: String
    let line: Int
    let reason: String

    var description: String { "\(path):\(line): \(reason)" }
}

/// A Swift file, at a path from the package's root such as `Sources/RecCore/Ports/DataPorts.swift`.
struct SourceFile {
    struct Declaration: Equatable {
        let name: String
        let line: Int
        let isTopLevel: Bool
        /// `private` and `fileprivate`: no other file can name it.
        let isPrivate: Bool
    }

    struct Import: Equatable {
        let module: String
        let line: Int
        /// Whether a comment on the same line says why.
        let hasReason: Bool
    }

    let path: String
    let lines: [Substring]
    let tokens: [Token]

    init(path: String, text: String) {
        self.path = path
        lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        tokens = swiftTokens(of: text)
    }

    /// `["Sources", "RecCore", "Ports", "DataPorts.swift"]`
    var components: [Substring] { path.split(separator: "/") }

    /// The target's folder: `RecCore`; `nil` when the file lies directly in `Sources` or `Tests`.
    var module: String? { components.count > 2 ? String(components[1]) : nil }

    /// The folders between the target's folder and the file, joined: `Ports`; empty when there are none.
    var folder: String { components.dropFirst(2).dropLast().joined(separator: "/") }

    var name: String { components.last.map(String.init) ?? path }

    /// Programs have lower-case folders, libraries capitalised ones.
    var isProgram: Bool { module?.first?.isLowercase ?? false }

    /// A last line that holds only its line end does not count.
    var lineCount: Int { lines.last?.isEmpty == true ? lines.count - 1 : lines.count }

    func violation(at line: Int, _ reason: String) -> Violation { Violation(path: path, line: line, reason: reason) }

    /// The types that the file declares, at any depth.
    var declarations: [Declaration] {
        let keywords: Set<String> = ["struct", "class", "enum", "protocol", "actor", "typealias"]
        var depth = 0
        var found: [Declaration] = []
        for (index, token) in tokens.enumerated() {
            if token.text == "{" { depth += 1 }
            if token.text == "}" { depth -= 1 }
            guard token.kind == .word, keywords.contains(token.text), index + 1 < tokens.count else { continue }
            let next = tokens[index + 1]
            guard next.kind == .word, !["func", "var", "let", "subscript"].contains(next.text) else { continue }
            let modifiers = tokens[..<index].reversed().prefix { $0.kind == .word && $0.line == token.line }
            found.append(
                Declaration(
                    name: next.text, line: next.line, isTopLevel: depth == 0,
                    isPrivate: modifiers.contains { ["private", "fileprivate"].contains($0.text) }
                )
            )
        }
        return found
    }

    /// The modules that the file imports, scoped imports (`import struct Foundation.Data`) included.
    var imports: [Import] {
        let kinds: Set<String> = ["struct", "class", "enum", "protocol", "typealias", "func", "var", "let", "actor"]
        return tokens.indices.compactMap { index in
            guard tokens[index].text == "import", tokens[index].kind == .word else { return nil }
            let rest = tokens[(index + 1)...].drop { kinds.contains($0.text) }
            guard let module = rest.first, module.kind == .word else { return nil }
            let line = lines[module.line - 1]
            let comment = line.range(of: "//").map { line[$0.upperBound...].trimmingCharacters(in: .whitespaces) }
            return Import(module: module.text, line: module.line, hasReason: (comment?.count ?? 0) >= 8)
        }
    }
}

/// The package that these tests belong to, read from the disk.
enum ThisPackage {
    /// Why the sources cannot be read.
    struct Unreadable: Error { let reason: String }

    /// The nearest folder above this file that holds a `Package.swift`.
    static func root(from file: String = #filePath) throws -> URL {
        var folder = URL(fileURLWithPath: file).deletingLastPathComponent()
        while folder.path != "/" {
            if FileManager.default.fileExists(atPath: folder.appendingPathComponent("Package.swift").path) {
                return folder
            }
            folder.deleteLastPathComponent()
        }
        throw Unreadable(reason: "no Package.swift above \(file)")
    }

    /// Every Swift file under a folder of the package, in order of path, but those that a DocC catalogue shows; what was built there
    /// (`.build`) is no source.
    static func swiftFiles(under name: String) throws -> [SourceFile] {
        let base = try root().appendingPathComponent(name)
        guard let paths = FileManager.default.enumerator(atPath: base.path) else {
            throw Unreadable(reason: "no folder \(name)")
        }
        let sources = paths.compactMap { $0 as? String }.filter {
            $0.hasSuffix(".swift") && !$0.hasPrefix(".") && !$0.contains("/.") && !$0.contains(".docc/")
        }
        return try sources.sorted().map { path in
            let text = try String(contentsOf: base.appendingPathComponent(path), encoding: .utf8)
            return SourceFile(path: "\(name)/\(path)", text: text)
        }
    }

    /// The folders directly under `Sources`: one per target.
    static func targetFolders() throws -> [String] {
        let base = try root().appendingPathComponent("Sources")
        return try FileManager.default.contentsOfDirectory(atPath: base.path).filter { !$0.hasPrefix(".") }.sorted()
    }
}
