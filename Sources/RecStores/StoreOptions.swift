// The command line of every program that opens stores.
import ArgumentParser
import Foundation
import Logging
import RecCore
import RecStorage

/// `--data`, and where the servers are: flags over environment over a file over the embedded store.
public struct StoreOptions: ParsableArguments {
    @Option(help: "Data folder: models, and every store that no server is named for.") public var data = "data"
    @Option(help: "File of lines NAME=value that names the servers; REC_CONFIG in the environment does the same.")
    public var config: String?
    @Option(
        name: .customLong("set"),
        help: ArgumentHelp(
            "A setting of the servers, over the environment and the file; may be repeated. The settings: "
                + StorageSettings.all.map(\.name).joined(separator: ", ") + ".", valueName: "NAME=value"))
    public var settings: [String] = []

    @Flag(help: "Tell the settings of the servers and where each came from, without secrets, and end.")
    public var printConfig = false
    @Flag(help: "Tell every setting of the servers as JSON, with its meaning and default and without values, and end.")
    public var listSettings = false

    public init() {}

    /// What the flags, the environment and the file name.
    /// - Throws: `ExitCode` 78 after every problem was told on the error output; `CleanExit` with what was asked for in place of
    ///   a run.
    public func configuration(_ purpose: StorageConfiguration.Purpose) throws -> StorageConfiguration {
        if listSettings { throw CleanExit.message(StorageSettings.json) }
        do {
            var flags: [String: String] = [:]
            for (place, setting) in settings.enumerated() {
                guard let equals = setting.firstIndex(of: "=") else {
                    throw StorageSettings.Problems(texts: ["--set number \(place + 1) is not NAME=value"])
                }
                flags[String(setting[..<equals])] = String(setting[setting.index(after: equals)...])
            }
            let read = try StorageSettings(
                flags: flags, environment: ProcessInfo.processInfo.environment, file: config)
            let configuration = try StorageConfiguration(read, purpose: purpose)
            if printConfig { throw CleanExit.message(read.description) }
            return configuration
        } catch let problems as StorageSettings.Problems {
            try? FileHandle.standardError.write(contentsOf: Data("configuration:\n\(problems)\n".utf8))
            throw ExitCode(78)
        }
    }

    /// Opens the stores, and tells on the error output when they are not all embedded.
    public func open(_ purpose: StorageConfiguration.Purpose, creating: Bool = false) async throws -> Stores {
        let configuration = try configuration(purpose)
        var logger = Logger(label: "stores", factory: { StreamLogHandler.standardError(label: $0) })
        logger.logLevel = .notice
        let stores = try await Stores(
            folder: data, configuration: configuration, purpose: purpose, creating: creating, logger: logger)
        if configuration.postgres != nil || configuration.redis != nil || configuration.kafka != nil {
            try? FileHandle.standardError.write(contentsOf: Data("\(stores.description)\n".utf8))
        }
        return stores
    }
}
