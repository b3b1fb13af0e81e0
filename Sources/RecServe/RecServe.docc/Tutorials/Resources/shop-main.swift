// Begins the program.
try await shop(arguments: CommandLine.arguments)
