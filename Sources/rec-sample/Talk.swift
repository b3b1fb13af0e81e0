// What the program says.
import Foundation

/// Prints at once, also into a pipe: lines of progress go another way and must not overtake.
func say(_ text: String) {
    print(text)
    fflush(nil)
}
