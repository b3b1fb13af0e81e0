// The smaller rules: unsafe pointers, names, first lines, trapping words, sleeping tests, thin programs.

private let unsafeFolders: Set<String> = ["RecCore/Memory", "RecCore/LinearAlgebra"]

/// Files outside those folders that lend memory to the system: gzip and file reading.
private func readsFiles(_ file: SourceFile) -> Bool {
    file.module == "RecFiles"
        && (file.folder == "Bytes" || ["Gzip", "File", "Byte"].contains { file.name.hasPrefix($0) })
}

/// Files of RecStorage that call a C library: handles, and the client of each library.
private func callsAClient(_ file: SourceFile) -> Bool {
    file.module == "RecStorage" && (file.folder == "Handles" || file.name.contains("Client"))
}

private func isInUnsafeFolder(_ file: SourceFile) -> Bool {
    unsafeFolders.contains(file.components.dropFirst().prefix(2).joined(separator: "/"))
}

private func isPointerType(_ token: Token) -> Bool {
    guard token.kind == .word else { return false }
    return token.text == "OpaquePointer" || (token.text.hasPrefix("Unsafe") && token.text.contains("Pointer"))
}

/// Pointer types outside the folders and files that may hold them.
func strayPointers(in files: [SourceFile]) -> [Violation] {
    files.filter { !isInUnsafeFolder($0) && !readsFiles($0) && !callsAClient($0) }.flatMap { file in
        file.tokens.filter(isPointerType).map { file.violation(at: $0.line, "\($0.text) may not stand here") }
    }
}

/// Pointer types in what other modules see, outside the folders that may lend them.
func publishedPointers(in files: [SourceFile]) -> [Violation] {
    files.filter { !isInUnsafeFolder($0) }.flatMap { file in
        publishedSignatures(in: file).joined().filter(isPointerType).map {
            file.violation(at: $0.line, "\($0.text) stands in a public or package signature")
        }
    }
}

/// The tokens of each public or package declaration, up to its body, its value or the end of its statement.
private func publishedSignatures(in file: SourceFile) -> [ArraySlice<Token>] {
    file.tokens.indices.compactMap { start in
        guard file.tokens[start].kind == .word, ["public", "package", "open"].contains(file.tokens[start].text) else {
            return nil
        }
        var depth = 0
        var end = start + 1
        scan: while end < file.tokens.count {
            let token = file.tokens[end]
            switch token.text {
            case "(", "[": depth += 1
            case ")", "]": depth -= 1
            case "{", "=", ";": if depth == 0 { break scan }
            default: break
            }
            let isNewLine = token.line > file.tokens[end - 1].line
            let goesOn = ["-", ">", ":", ",", ".", "(", ")", "]", "&", "where", "throws", "async"].contains(token.text)
            let wasOpen = [":", ",", ">", "&"].contains(file.tokens[end - 1].text)
            if depth == 0, isNewLine, !goesOn, !wasOpen, end > start + 1 { break }
            end += 1
        }
        return file.tokens[start..<end]
    }
}

private let emptyNames: Set<String> = [
    "Util", "Utils", "Utilities", "Common", "Helper", "Helpers", "Manager", "Managers", "Impl",
]

/// Folders and types whose names tell nothing.
func emptyNames(in files: [SourceFile]) -> [Violation] {
    files.flatMap { file -> [Violation] in
        let folders = file.components.dropLast().filter { words(of: $0).contains { emptyNames.contains($0) } }
        let types = file.declarations.filter { words(of: $0.name[...]).contains { emptyNames.contains($0) } }
        return folders.map { file.violation(at: 1, "the folder name \($0) tells nothing") }
            + types.map { file.violation(at: $0.line, "the type name \($0.name) tells nothing") }
    }
}

/// `SessionManager2` -> `Session`, `Manager`, `2`; `rec-utils` -> `Rec`, `Utils`.
private func words(of name: Substring) -> [String] {
    var words: [String] = []
    var startsWord = true
    for character in name {
        guard character.isLetter || character.isNumber else {
            startsWord = true
            continue
        }
        if startsWord || character.isUppercase || (character.isNumber && words.last?.last?.isNumber == false) {
            words.append(character.uppercased())
        } else {
            words[words.count - 1].append(character)
        }
        startsWord = false
    }
    return words
}

/// Files whose first line is not a comment that says what lives there.
func missingFirstLines(in files: [SourceFile]) -> [Violation] {
    files.filter { file in
        let first = file.lines.first { !$0.hasPrefix("// swift-tools-version") } ?? ""
        return !first.hasPrefix("//") || first.drop { $0 == "/" || $0 == " " }.isEmpty
    }.map { $0.violation(at: 1, "the first line does not say what lives here") }
}

/// `try!`, `as!` and `fatalError(`.
func trappingWords(in files: [SourceFile]) -> [Violation] {
    files.flatMap { file in
        zip(file.tokens, file.tokens.dropFirst()).compactMap { word, next in
            switch (word.text, next.text) {
            case ("try", "!"), ("as", "!"), ("fatalError", "("):
                word.kind == .word && next.isJoined
                    ? file.violation(at: word.line, "\(word.text)\(next.text) is not allowed") : nil
            default: nil
            }
        }
    }
}

/// `FileHandle.write(_:)` on an output: it traps when the reader went away, where `write(contentsOf:)` throws.
func trappingWrites(in files: [SourceFile]) -> [Violation] {
    files.flatMap { file in
        file.tokens.indices.dropLast(4).compactMap { index -> Violation? in
            let words = file.tokens[index...].prefix(5).map(\.text)
            guard ["standardError", "standardOutput"].contains(words[0]), words[1...3] == [".", "write", "("],
                words[4] != "contentsOf"
            else { return nil }
            return file.violation(at: file.tokens[index].line, "write(_:) traps when the reader went away")
        }
    }
}

/// Tests that wait for time to pass instead of for a condition.
func sleepingTests(in files: [SourceFile]) -> [Violation] {
    files.flatMap { file in
        file.tokens.indices.compactMap { index -> Violation? in
            let token = file.tokens[index]
            guard token.kind == .word else { return nil }
            let before = file.tokens[..<index].suffix(2).map(\.text)
            let isCall = index + 1 < file.tokens.count && file.tokens[index + 1].text == "("
            switch token.text {
            case "usleep", "nanosleep":
                return file.violation(at: token.line, "\(token.text) in a test")
            case "sleep" where before == ["Task", "."] || before == ["Thread", "."]:
                return file.violation(at: token.line, "\(before[0]).sleep in a test")
            case "sleep" where isCall && before.last != "." && before.last != "func":
                return file.violation(at: token.line, "sleep in a test")
            default:
                return nil
            }
        }
    }
}

/// Files of programs with 120 lines or more: what does more than wiring belongs in a library.
func thickPrograms(in files: [SourceFile], limit: Int = 120) -> [Violation] {
    files.filter { $0.isProgram && $0.lineCount >= limit }.map {
        $0.violation(at: $0.lineCount, "a program's file has \($0.lineCount) lines; under \(limit) is wiring")
    }
}
