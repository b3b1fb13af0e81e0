// Columns of the tables that are plain text.

extension String {
    /// Filled up with spaces to a width; one space follows where it is longer.
    func padded(to width: Int) -> String { self + String(repeating: " ", count: max(1, width - count)) }
}
