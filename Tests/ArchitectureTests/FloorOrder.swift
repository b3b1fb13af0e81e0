// The floors of RecCore, from the ground up, and the check that no file names a type of a higher floor.

/// Folders of RecCore on one level stand in one array; each level may use itself and the levels before it.
let floors: [[String]] = [
    ["Memory"],
    ["Interactions"],
    ["LinearAlgebra"],
    ["Factorization"],
    ["Content"],
    ["Retrieval"],
    ["Ranking"],
    ["Model"],
    ["Evaluation", "Ports"],
    ["Engine"],
]

/// Every place where a file names a type that a higher floor declares, and every file that stands on no floor.
///
/// A name that the file itself, its own floor or a lower one declares too is not reported: it means the nearer type.
/// A name behind a dot is a member (`Slate.Place`), unless the dot follows `RecCore`.
func namesOfHigherFloors(in files: [SourceFile], floors: [[String]] = floors) -> [Violation] {
    var levels: [String: Int] = [:]
    for (level, folders) in floors.enumerated() {
        for folder in folders { levels[folder] = level }
    }
    func level(of file: SourceFile) -> Int? { file.folder.split(separator: "/").first.flatMap { levels[String($0)] } }

    var lowest: [String: (level: Int, path: String)] = [:]
    for file in files {
        guard let level = level(of: file) else { continue }
        for declaration in file.declarations where declaration.isTopLevel && !declaration.isPrivate {
            if let known = lowest[declaration.name], known.level <= level { continue }
            lowest[declaration.name] = (level, file.path)
        }
    }

    return files.flatMap { file -> [Violation] in
        guard let own = level(of: file) else {
            return [file.violation(at: 1, "the file stands on no floor of RecCore")]
        }
        let local = Set(file.declarations.map(\.name))
        return file.tokens.indices.compactMap { index in
            let token = file.tokens[index]
            guard token.kind == .word, let declared = lowest[token.text], declared.level > own,
                !local.contains(token.text)
            else { return nil }
            let before = file.tokens[..<index].suffix(2).map(\.text)
            if before.last == ".", before.first != "RecCore" { return nil }
            return file.violation(at: token.line, "names \(token.text), which stands higher, in \(declared.path)")
        }
    }
}
