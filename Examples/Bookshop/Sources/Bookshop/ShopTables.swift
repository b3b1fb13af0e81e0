// The shop's two tables, as its till and its list give them out.
import Foundation
import RecCore

/// `books.csv` (book, title, author, genre) and `sales.csv` (receipt, day, reader, book), without quotes.
public struct ShopTables: Sendable {
    public let books: [Book]
    public let sales: [Sale]

    /// What is wrong with a table.
    public struct Unreadable: Error, Hashable, CustomStringConvertible {
        public let description: String
    }

    /// - Throws: ``Unreadable`` with the file and the line.
    public init(folder: String) throws(Unreadable) {
        books = try Self.rows(of: folder + "/books.csv").map { _, row in
            Book(id: row[0], title: row[1], author: row[2], genre: row[3])
        }
        sales = try Self.rows(of: folder + "/sales.csv").map { line, row throws(Unreadable) in
            guard let day = Self.day(row[1]) else {
                throw Unreadable(description: "\(folder)/sales.csv:\(line): the second field is not a day")
            }
            return Sale(receipt: row[0], reader: row[2], book: row[3], time: day)
        }
    }

    /// The rows behind the heading, with the numbers of their lines.
    private static func rows(of path: String) throws(Unreadable) -> [(line: Int, fields: [String])] {
        guard let text = try? String(contentsOfFile: path, encoding: .utf8) else {
            throw Unreadable(description: "\(path) cannot be read")
        }
        var rows: [(line: Int, fields: [String])] = []
        for (number, line) in text.split(separator: "\n").enumerated().dropFirst() {
            let fields = line.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
            guard fields.count == 4, fields.allSatisfy({ !$0.isEmpty }) else {
                throw Unreadable(description: "\(path):\(number + 1): a row has four fields")
            }
            rows.append((number + 1, fields))
        }
        return rows
    }

    private static func day(_ text: String) -> Timestamp? {
        let parts = text.split(separator: "-").compactMap { Int($0) }
        return parts.count == 3 ? Timestamp(year: parts[0], month: parts[1], day: parts[2]) : nil
    }
}
