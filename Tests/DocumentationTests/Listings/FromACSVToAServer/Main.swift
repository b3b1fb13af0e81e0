// The tutorial's main.swift, word for word: one statement, which stands in a function here.

func mainOfTheTutorial() async throws {
    // Listing begins: main.swift
    // Begins the program.
    try await shop(arguments: CommandLine.arguments)
    // Listing ends
}
