// The frame of every report that is a page: no script, no other file.
import Foundation

enum ReportPage {
    static let style = """
        :root{color-scheme:light dark;--ink:#1b1f24;--paper:#fff;--line:#d0d7de;--own:#0a62c9;--other:#6e7781}
        @media(prefers-color-scheme:dark){:root{--ink:#e6edf3;--paper:#0d1117;--line:#30363d;--own:#58a6ff;--other:#9198a1}}
        body{font:15px/1.5 system-ui,sans-serif;color:var(--ink);background:var(--paper);max-width:60rem;margin:2rem auto;padding:0 1rem}
        svg{width:100%;height:auto}text{fill:var(--ink);font-size:12px}.own{stroke:var(--own);fill:var(--own)}
        .other{stroke:var(--other);fill:var(--other)}.axis{stroke:var(--line)}polyline{fill:none!important;stroke-width:2}
        table{border-collapse:collapse;font-variant-numeric:tabular-nums}td,th{padding:.2rem .6rem;text-align:right;border-bottom:1px solid var(--line)}
        td:first-child,th:first-child{text-align:left}
        """

    /// A whole page; well-formed XML when `body` is.
    /// - Parameter title: plain text.
    static func document(title: String, body: String) -> String {
        """
        <!DOCTYPE html>
        <html lang="en" xmlns="http://www.w3.org/1999/xhtml"><head><meta charset="utf-8"/><title>\(escaped(title))</title>
        <meta name="viewport" content="width=device-width, initial-scale=1"/><style>\(style)</style></head>
        <body>\(body)</body></html>

        """
    }

    static func escaped(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case "\t", "\n": result += " "
            default: if scalar.value >= 0x20 { result.unicodeScalars.append(scalar) }
            }
        }
        return result
    }

    /// A table of plain text, line by line, with its columns.
    static func table(_ text: String) -> String {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map { escaped(String($0)) }
        return "<pre>\(lines.joined(separator: "\n").replacingOccurrences(of: "  ", with: "\u{a0} "))</pre>"
    }
}
