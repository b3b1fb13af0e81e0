// Which column of a file means what.
import RecCore

/// The columns of an interactions file, by position.
struct InteractionColumns: Sendable, Hashable {
    struct Attribute: Sendable, Hashable {
        let name: String
        let column: Int
    }
    var user: Int
    var item: Int
    var time: Int?
    var event: Int?
    var weight: Int?
    /// Whether an empty time or weight is an error of the row.
    var needsTime: Bool
    var needsWeight: Bool
    var kind: InteractionKind
    var attributes: [Attribute] = []

    /// The same text for the same understanding of the same header: part of what a loaded file is remembered by.
    var digest: String {
        let numbers = [user, item, time ?? -1, event ?? -1, weight ?? -1].map(String.init)
        let attributes = attributes.map { "\($0.column)=\($0.name)" }
        return hashText(
            (numbers + ["\(needsTime)", "\(needsWeight)", kind.rawValue] + attributes).joined(separator: ",").utf8)
    }

    /// By the H&M names: every row is a purchase of one piece.
    static func hm(_ header: [String], file: String) throws(FileError) -> InteractionColumns {
        let finder = ColumnFinder(header: header, file: file)
        return InteractionColumns(
            user: try finder.needed("customer_id", flag: "--user"),
            item: try finder.needed("article_id", flag: "--item"),
            time: try finder.needed("t_dat", flag: "--time"), event: nil, weight: nil, needsTime: true,
            needsWeight: false, kind: .purchase)
    }

    /// By the names in the options, or the default names.
    static func named(by options: IngestOptions, header: [String], file: String) throws(FileError) -> InteractionColumns
    {
        let finder = ColumnFinder(header: header, file: file)
        var columns = InteractionColumns(
            user: try finder.needed(options.user ?? "user_id", flag: "--user"),
            item: try finder.needed(options.item ?? "item_id", flag: "--item"),
            time: try finder.column(options.time, orDefault: "timestamp", flag: "--time"),
            event: try finder.column(options.event, orDefault: "event", flag: "--event"),
            weight: try finder.column(options.weight, orDefault: "weight", flag: "--weight"),
            needsTime: options.time != nil, needsWeight: options.weight != nil, kind: options.kind)
        if options.itemsFile == nil {
            columns.attributes = try finder.attributes(options.itemAttributes)
        }
        return columns
    }
}

/// The columns of a file that describes items or users, by position.
struct DescriptionColumns: Sendable, Hashable {
    var id: Int
    var attributes: [InteractionColumns.Attribute]

    /// - Parameters:
    ///   - id: names of the id column, best first; the first column when the header has none of them.
    ///   - attributes: names of the columns to keep; all others when empty.
    static func find(
        id names: [String], attributes: [String], header: [String], file: String
    ) throws(FileError) -> DescriptionColumns {
        let finder = ColumnFinder(header: header, file: file)
        let id = names.lazy.compactMap { header.firstIndex(of: $0) }.first ?? 0
        let kept = try attributes.isEmpty ? finder.all(but: id) : finder.attributes(attributes)
        return DescriptionColumns(id: id, attributes: kept)
    }
}

/// Finds columns in a header, with errors that say what is there.
private struct ColumnFinder {
    let header: [String]
    let file: String

    func needed(_ name: String, flag: String) throws(FileError) -> Int {
        let places = header.indices.filter { header[$0] == name }
        if places.count > 1 {
            throw FileError(
                .badHeader, file: file, line: 1, reason: "the header has the column \(name) \(places.count) times")
        }
        guard let place = places.first else {
            var hint = "name the right one with \(flag)"
            if header.count == 1 { hint += ", or the separator with --separator (tab, semicolon)" }
            throw FileError(
                .badHeader, file: file, line: 1, reason: "has no column \(name): the header holds \(listed); \(hint)")
        }
        return place
    }

    /// A column that was named must be there; a default one may be missing.
    func column(_ name: String?, orDefault fallback: String, flag: String) throws(FileError) -> Int? {
        if let name { return try needed(name, flag: flag) }
        return header.contains(fallback) ? try needed(fallback, flag: flag) : nil
    }

    func attributes(_ names: [String]) throws(FileError) -> [InteractionColumns.Attribute] {
        var found: [InteractionColumns.Attribute] = []
        for name in names {
            found.append(.init(name: name, column: try needed(name, flag: "--item-attributes")))
        }
        return found
    }

    func all(but id: Int) -> [InteractionColumns.Attribute] {
        var names: Set<String> = []
        return header.indices.compactMap { column in
            guard column != id, !header[column].isEmpty, names.insert(header[column]).inserted else { return nil }
            return .init(name: header[column], column: column)
        }
    }

    private var listed: String {
        let shown = header.prefix(40).map { $0.count > 60 ? String($0.prefix(60)) + "..." : $0 }
        return shown.joined(separator: ", ") + (header.count > 40 ? ", ... (\(header.count) columns)" : "")
    }
}
