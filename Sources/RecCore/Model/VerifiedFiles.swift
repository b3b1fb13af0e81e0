// What was verified of a version, so that a server that starts again need not read gigabytes to hash them again.
import Foundation  // JSON of the note, and its bytes.

/// A note beside a version: which files had the hashes that its manifest states, and what the system said of each.
///
/// A file whose stamp is still the same was not touched since. Any write changes the time of change, which no program can set; the
/// clock of the disk is coarse, so a stamp counts only once it is ``settled`` old. Who may write into the folder can forge the
/// note, as he can forge a manifest: both protect against accidents.
struct VerifiedFiles: Codable, Equatable, Sendable {
    /// Checksum of the manifest that stated the hashes.
    let manifest: String
    /// By the name of the file.
    var stamps: [String: FileStamp]

    /// Nanoseconds that the clock of a file system may stand still: a write within them might leave the stamp as it is.
    static let settled: Int64 = 50_000_000

    private static func path(of folder: String) -> String {
        let parts = folder.split(separator: "/", omittingEmptySubsequences: false)
        return (parts.dropLast() + [".verified-" + parts[parts.count - 1]]).joined(separator: "/")
    }

    /// Writes the note for a version's folder. Without it everything is verified at every start: a failure is no error.
    func keep(for folder: String) {
        let newest = stamps.values.map(\.changed).max() ?? 0
        let now = Int64(Date().timeIntervalSince1970 * 1e9)
        if newest > now - Self.settled, newest < now + 1_000_000_000 {
            Thread.sleep(forTimeInterval: Double(newest + Self.settled - now + 10_000_000) / 1e9)
        }
        // What was touched meanwhile is not what was verified.
        let held = stamps.filter { name, stamp in (try? MappedFile(path: folder + "/" + name))?.stamp == stamp }
        guard let bytes = try? JSONEncoder().encode(VerifiedFiles(manifest: manifest, stamps: held)) else { return }
        try? DurableFile.replace(Self.path(of: folder), with: bytes)
    }

    /// The note of a version's folder; `nil` when there is none, or it is torn.
    static func read(for folder: String) -> VerifiedFiles? {
        guard let file = try? MappedFile(path: path(of: folder)), file.count <= ModelArtifact.largestManifest else {
            return nil
        }
        return try? JSONDecoder().decode(VerifiedFiles.self, from: Data(file.content))
    }

    static func remove(for folder: String) { DurableFile.remove(path(of: folder)) }
}
