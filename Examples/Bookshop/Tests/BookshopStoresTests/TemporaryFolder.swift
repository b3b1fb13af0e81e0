// A folder that is gone with the test that made it.
import Foundation

final class TemporaryFolder: Sendable {
    let path = FileManager.default.temporaryDirectory.path + "/bookshop-\(UUID().uuidString)"

    init() throws { try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true) }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func newPath() -> String { path + "/" + UUID().uuidString }
}
