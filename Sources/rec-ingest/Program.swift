// Wiring of the program; written next.
@main struct Program { static func main() {} }
