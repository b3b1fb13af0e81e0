// Programs that a measurement starts.
import ArgumentParser
import Foundation

/// Runs a program of the search path, or one with a path, to its end; what it prints is dropped, what it complains of is not.
func runProgram(_ program: String, _ arguments: [String], showingErrors: Bool = true) throws {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = [program] + arguments
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = FileHandle.nullDevice
    process.standardError = showingErrors ? FileHandle.standardError : FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else {
        throw ValidationError("\(program) ended with \(process.terminationStatus)")
    }
}
