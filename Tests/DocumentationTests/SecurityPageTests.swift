// What Docs/Security.md names is there: tests, and places in the sources.
import Foundation
import Testing

@Suite struct SecurityPageTests {
    private let root = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    private func page() throws -> String {
        try String(contentsOf: root.appendingPathComponent("Docs/Security.md"), encoding: .utf8)
    }

    /// All Swift files below a folder, as one text.
    private func sources(_ folder: String) throws -> String {
        let files = FileManager.default.enumerator(
            at: root.appendingPathComponent(folder), includingPropertiesForKeys: nil)
        var texts: [String] = []
        while let file = files?.nextObject() as? URL {
            if file.pathExtension == "swift" { texts.append(try String(contentsOf: file, encoding: .utf8)) }
        }
        return texts.joined(separator: "\n")
    }

    @Test func everyTestThatItNamesIsThere() throws {
        let tests = try sources("Tests")
        let named = try page().matches(of: /`(\w+Tests)\.(\w+)`/).map { (String($0.1), String($0.2)) }
        #expect(named.count > 40)
        for (suite, test) in named {
            #expect(tests.contains("struct \(suite)"), "\(suite)")
            #expect(tests.contains("func \(test)("), "\(suite).\(test)")
        }
    }

    @Test func everyPlaceThatItNamesIsThere() throws {
        let places = try page().matches(of: /`(Rec\w+(?:\/[\w+.-]+)+)`/).map { String($0.1) }
        #expect(places.count > 40)
        for place in places {
            let path = root.appendingPathComponent("Sources/" + place).path
            #expect(
                FileManager.default.fileExists(atPath: path) || FileManager.default.fileExists(atPath: path + ".swift"),
                "\(place)")
        }
    }
}
