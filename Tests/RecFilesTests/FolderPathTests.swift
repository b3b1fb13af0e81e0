// The folder above a path, as text.
import RecCore
import Testing

@Suite struct FolderPathTests {
    @Test(arguments: [
        ("", "."), (".", "."), ("d", "."), ("d/", "."), ("~", "."), ("..", "."), ("./d", "."), ("a/b", "a"),
        ("a//b//", "a"),
        ("a/b/c", "a/b"), ("/", "/"), ("//", "/"), ("/d", "/"), ("/d/", "/"), ("//d", "/"), ("/a/b", "/a"),
        ("~/a/b", "~/a"),
        ("../a", ".."), ("e\u{301}/\u{301}x", "e\u{301}"),
    ])
    func isWhatStandsBeforeTheLastPart(path: String, folder: String) {
        #expect(FolderPath.above(path) == folder)
    }
}
